// SPDX-License-Identifier: Apache-2.0
/** The command line. No logic of its own. */
package io.lowbit.cli;
