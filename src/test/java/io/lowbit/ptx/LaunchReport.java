// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.LaunchShape;

/**
 * A finished launch.
 *
 * @param kernel its name
 * @param shape its geometry
 * @param counters what it did
 */
public record LaunchReport(String kernel, LaunchShape shape, Counters counters) {}
