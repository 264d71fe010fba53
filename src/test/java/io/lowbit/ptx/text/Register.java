// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx.text;

/**
 * A declared register.
 *
 * @param name as written; two scopes may use the same
 * @param type declared type
 * @param index unique in its function, from 0
 */
public record Register(String name, PtxType type, int index) {}
