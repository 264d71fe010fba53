// SPDX-License-Identifier: Apache-2.0
/**
 * Are the conformance cases of a kernel strong enough? {@link io.lowbit.ptx.mutation.MutationRun}
 * breaks the shipped PTX one instruction at a time, as a compiler's or an author's slip would, and
 * asks whether some case notices.
 */
package io.lowbit.ptx.mutation;
