// SPDX-License-Identifier: Apache-2.0
/** Records and statistics into one HTML file and exports. Must not run anything. */
package io.lowbit.report;
