// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench;

import io.lowbit.backend.cuda.DeviceMatrix;
import io.lowbit.backend.cuda.DevicePointer;
import io.lowbit.backend.cuda.Gemm16;
import io.lowbit.backend.cuda.Kernels;
import io.lowbit.backend.cuda.SplitK;
import io.lowbit.bench.ConformanceCase.Outcome;
import io.lowbit.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** 16-bit products against double precision. */
final class Gemm16Cases {
  private static final int[] TILES = {8, 16, 32, 64, 128};

  private Gemm16Cases() {}

  static Stream<ConformanceCase> cases() {
    List<ConformanceCase> cases = new ArrayList<>();
    // Inputs end in each of the steps that fill the pipeline, and after it has wrapped around.
    int[][] shapes = {
      {1, 72, 520}, {3, 65, 64}, {7, 1, 63}, {8, 130, 17}, {9, 63, 200}, {17, 66, 72},
      {33, 64, 8}, {64, 200, 65}, {100, 129, 130}, {129, 8, 1}, {33, 72, 1000}, {1, 1000, 1032},
      {2, 10, 150}, {5, 11, 1400}, {6, 12, 212}
    };
    for (DType type : List.of(DType.F16, DType.BF16)) {
      for (int[] s : shapes) {
        boolean sample = type == DType.F16 ? s[0] < 33 && s[1] < 200 : s[0] == 33;
        cases.add(planned(s[0], s[1], s[2], type, Product.Data.NORMAL, sample));
      }
      for (Product.Data data : Product.Data.values()) {
        cases.add(planned(17, 73, 546, type, data, type == DType.BF16));
        cases.add(planned(3, 9, 77, type, data, type == DType.F16));
      }
      for (int tile : TILES) {
        // One step leaves its numbers where the results are put together; and ends in those that
        // are queued in advance.
        for (int inputs : new int[] {51, 107, 171, 235}) {
          boolean sample = inputs == 51 || type == DType.F16;
          cases.add(forced(tile - 2, 21, inputs, type, new Gemm16.Plan(tile, false), sample));
        }
        int outputs = tile == 128 ? 133 : 71;
        for (boolean apart : new boolean[] {false, true}) {
          int rows = tile + (apart ? 1 : 2);
          cases.add(forced(rows, outputs, 641, type, new Gemm16.Plan(tile, apart), true));
        }
      }
    }
    return cases.stream();
  }

  private static ConformanceCase planned(
      int rows, int outputs, int inputs, DType type, Product.Data data, boolean sample) {
    return new ConformanceCase(
        "gemm_16",
        "%s [%d, %d] x [%d, %d]^T %s".formatted(type, rows, inputs, outputs, inputs, data),
        sample,
        kernels -> {
          try (Gemm16 gemm = new Gemm16(kernels)) {
            Product product = Product.of(rows, outputs, inputs, type, data);
            return check(kernels, gemm, product, gemm.plan(rows, outputs));
          }
        });
  }

  private static ConformanceCase forced(
      int rows, int outputs, int inputs, DType type, Gemm16.Plan plan, boolean sample) {
    return new ConformanceCase(
        "gemm_16",
        "%s [%d, %d] x [%d, %d]^T tiles of %d rows, segments %s"
            .formatted(type, rows, inputs, outputs, inputs, plan.tokens(), apart(plan)),
        sample,
        kernels -> {
          try (Gemm16 gemm = new Gemm16(kernels)) {
            return check(
                kernels, gemm, Product.of(rows, outputs, inputs, type, Product.Data.NORMAL), plan);
          }
        });
  }

  private static String apart(Gemm16.Plan plan) {
    return plan.apart() ? "apart" : "together";
  }

  private static Outcome check(Kernels kernels, Gemm16 gemm, Product p, Gemm16.Plan plan) {
    float[] out = run(kernels, gemm, p, plan);
    // Whatever the first run left in counters must not change the second.
    if (!Arrays.equals(out, run(kernels, gemm, p, plan))) {
      return new Outcome(Double.POSITIVE_INFINITY, 1, "two runs differ");
    }
    if (SplitK.of(p.outputs(), p.inputs()).segments() > 1) {
      Gemm16.Plan other = new Gemm16.Plan(plan.tokens(), !plan.apart());
      if (!Arrays.equals(out, run(kernels, gemm, p, other))) {
        return new Outcome(
            Double.POSITIVE_INFINITY, 1, "segments apart and together give different bits");
      }
    }
    double worst = 0;
    String where = "nowhere";
    for (int row = 0; row < p.rows(); row++) {
      for (int output = 0; output < p.outputs(); output++) {
        double exact = p.exact(row, output);
        float value = out[row * p.outputs() + output];
        double error =
            Double.isNaN(exact)
                ? (Float.isNaN(value) ? 0 : Double.POSITIVE_INFINITY)
                : Math.abs(value - exact) / p.tolerance(row, output);
        if (!(error <= worst)) {
          worst = error;
          where = "row %d, output %d: %s for %s".formatted(row, output, value, exact);
        }
        if (Double.isNaN(worst)) {
          return new Outcome(worst, 1, where);
        }
      }
    }
    return new Outcome(worst, 1, "error over its bound, worst at " + where);
  }

  /** Runs a product into memory that holds NaN, also where the kernel must not write. */
  static float[] run(Kernels kernels, Gemm16 gemm, Product p, Gemm16.Plan plan) {
    try (CaseMemory memory = new CaseMemory(kernels.driver())) {
      DeviceMatrix x = memory.matrix(p.x(), p.rows(), p.inputs(), p.type());
      DeviceMatrix weight = memory.matrix(p.w(), p.outputs(), p.inputs(), p.type());
      DevicePointer bias = p.b().length == 0 ? DevicePointer.NULL : memory.vector(p.b(), p.type());
      DeviceMatrix out = memory.poisonedMatrix(p.rows(), p.outputs(), p.type());
      gemm.run(x, weight, bias, out, plan);
      requirePadding(memory, out);
      return memory.read(out);
    }
  }

  /** What lies between rows may belong to another matrix. */
  private static void requirePadding(CaseMemory memory, DeviceMatrix out) {
    byte[] bytes = memory.readBytes(out.data(), 2 * out.rows() * out.stride());
    for (int i = 0; i < bytes.length; i++) {
      if (i / 2 % out.stride() >= out.columns() && bytes[i] != -1) {
        throw new IllegalStateException(
            "the kernel wrote byte %d of row %d, behind its %d values"
                .formatted(i % (2 * out.stride()), i / (2 * out.stride()), out.columns()));
      }
    }
  }
}
