// SPDX-License-Identifier: Apache-2.0
package io.lowbit.ptx;

import io.lowbit.backend.cuda.Dim3;
import io.lowbit.backend.cuda.FunctionAttributes;
import io.lowbit.backend.cuda.GpuException;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.KernelArguments;
import io.lowbit.backend.cuda.LaunchShape;
import io.lowbit.ptx.text.PtxFunction;
import io.lowbit.ptx.text.Variable;
import java.util.List;
import java.util.Optional;

/** A kernel with the checks that a driver makes before a launch. */
final class InterpretedFunction implements GpuFunction {
  private final Image image;
  private int allowedShared = Device.SHARED_BYTES;

  InterpretedFunction(Image image) {
    this.image = image;
  }

  Image image() {
    return image;
  }

  @Override
  public String name() {
    return image.name();
  }

  /** Registers are not allocated here, so their number is given as 0. */
  @Override
  public FunctionAttributes attributes() {
    return new FunctionAttributes(0, image.sharedBytes(), image.localBytes(), 0, maxThreads());
  }

  private int maxThreads() {
    return image.entry().function().maxThreads().orElse(Device.MAX_THREADS);
  }

  @Override
  public void allowSharedBytes(int bytes) {
    if (bytes + image.sharedBytes() > Device.SHARED_BYTES_OPT_IN) {
      throw failure(
          GpuException.INVALID_VALUE,
          "CUDA_ERROR_INVALID_VALUE",
          "%,d bytes of dynamic and %,d of static shared memory; the device has %,d"
              .formatted(bytes, image.sharedBytes(), Device.SHARED_BYTES_OPT_IN),
          Optional.empty());
    }
    allowedShared = Math.max(Device.SHARED_BYTES, bytes + image.sharedBytes());
  }

  void check(LaunchShape shape, KernelArguments arguments) {
    checkGeometry(shape);
    int shared = image.sharedBytes() + shape.sharedBytes();
    if (shared > allowedShared) {
      throw failure(
          GpuException.INVALID_VALUE,
          "CUDA_ERROR_INVALID_VALUE",
          "%,d bytes of shared memory where %,d are allowed; call allowSharedBytes"
              .formatted(shared, allowedShared),
          Optional.of(shape));
    }
    checkArguments(shape, arguments);
  }

  private void checkGeometry(LaunchShape shape) {
    Dim3 grid = shape.grid();
    Dim3 block = shape.block();
    PtxFunction function = image.entry().function();
    if (grid.y() > 65535 || grid.z() > 65535 || block.z() > 64 || block.count() > maxThreads()) {
      throw failure(
          GpuException.INVALID_VALUE,
          "CUDA_ERROR_INVALID_VALUE",
          "the kernel takes at most %d threads, and a grid at most 65,535 in y and z"
              .formatted(maxThreads()),
          Optional.of(shape));
    }
    List<Integer> required = List.of(block.x(), block.y(), block.z());
    if (function.requiredThreads().isPresent()
        && !function.requiredThreads().get().equals(required)) {
      throw failure(
          GpuException.INVALID_VALUE,
          "CUDA_ERROR_INVALID_VALUE",
          "the kernel takes only blocks of %s".formatted(function.requiredThreads().get()),
          Optional.of(shape));
    }
  }

  /** A driver cannot see this mistake; the kernel would read garbage. */
  private void checkArguments(LaunchShape shape, KernelArguments arguments) {
    List<Variable> parameters = image.parameters();
    boolean fits = arguments.count() == parameters.size();
    for (int i = 0; fits && i < parameters.size(); i++) {
      fits = arguments.offset(i) == image.parameterOffsets().get(parameters.get(i).name());
    }
    if (!fits || arguments.packed().remaining() != image.parameterBytes()) {
      throw failure(
          GpuException.INVALID_VALUE,
          "CUDA_ERROR_INVALID_VALUE",
          "%d arguments of %,d bytes do not fit the %d parameters of %,d bytes: %s"
              .formatted(
                  arguments.count(),
                  arguments.packed().remaining(),
                  parameters.size(),
                  image.parameterBytes(),
                  parameters.stream().map(p -> p.name() + ":" + p.bytes()).toList()),
          Optional.of(shape));
    }
  }

  private GpuException failure(
      int code, String codeName, String what, Optional<LaunchShape> shape) {
    return new GpuException(code, codeName, what, name(), shape);
  }
}
