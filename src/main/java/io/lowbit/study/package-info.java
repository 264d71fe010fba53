// SPDX-License-Identifier: Apache-2.0
/** Study files, the plan made from one, and the runner that works it off and resumes it. */
package io.lowbit.study;
