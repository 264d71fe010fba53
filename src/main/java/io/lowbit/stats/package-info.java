// SPDX-License-Identifier: Apache-2.0
/** Statistics on plain arrays and on records. Must not know models or tasks. */
package io.lowbit.stats;
