// SPDX-License-Identifier: Apache-2.0
/**
 * What papers measured, as data: their figures, and what their names of models, schemes and tasks
 * mean here. Must not know how a figure is tested or shown.
 */
package io.lowbit.results.published;
