// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import io.lowbit.backend.Activation;
import java.util.List;
import java.util.Locale;

/** Activation functions: {@code kernels/activations.cu}. */
public final class Activations {
  private static final int THREADS = 256;

  private final Kernels kernels;

  /** The operation on a device. */
  public Activations(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * {@code out = activation(gate) * up}, in fp32, rounded once.
   *
   * @param gate {@code [tokens, width]}
   * @param up of the same shape and type
   * @param out of the same shape and type; may be either input
   */
  public void gated(Activation activation, DeviceMatrix gate, DeviceMatrix up, DeviceMatrix out) {
    DeviceMatrix.requireOneType("gated activation", List.of(gate, up, out));
    up.requireShape("activation input", gate.rows(), gate.columns());
    out.requireShape("activation output", gate.rows(), gate.columns());
    KernelArguments arguments =
        kernels
            .arguments()
            .pointer(gate.data())
            .int64(gate.stride())
            .pointer(up.data())
            .int64(up.stride());
    launch(activation, "_gated", arguments, out);
  }

  /**
   * {@code out = activation(x)}, in fp32, rounded once.
   *
   * @param x {@code [tokens, width]}
   * @param out of the same shape and type; may be {@code x}
   */
  public void plain(Activation activation, DeviceMatrix x, DeviceMatrix out) {
    DeviceMatrix.requireOneType("activation", List.of(x, out));
    out.requireShape("activation output", x.rows(), x.columns());
    KernelArguments arguments = kernels.arguments().pointer(x.data()).int64(x.stride());
    launch(activation, "", arguments, out);
  }

  /** Appends the output to the inputs and launches. */
  private void launch(
      Activation activation, String variant, KernelArguments inputs, DeviceMatrix out) {
    if (out.rows() == 0) {
      return;
    }
    String name = activation.name().toLowerCase(Locale.ROOT);
    int chunks = Math.ceilDiv(out.columns(), RowGrid.CHUNK);
    kernels.launch(
        kernels.function(
            "activations", "activations_%s_%s%s".formatted(out.suffix(), name, variant)),
        RowGrid.of(out.rows(), chunks, THREADS),
        inputs.pointer(out.data()).int64(out.stride()).int32(out.columns()),
        out);
  }
}
