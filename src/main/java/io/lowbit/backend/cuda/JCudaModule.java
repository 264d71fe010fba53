// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES;
import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES;
import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_NUM_REGS;
import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES;
import static jcuda.driver.CUjit_option.CU_JIT_ERROR_LOG_BUFFER;
import static jcuda.driver.CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;
import static jcuda.driver.JCudaDriver.cuFuncGetAttribute;
import static jcuda.driver.JCudaDriver.cuFuncSetAttribute;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadDataEx;
import static jcuda.driver.JCudaDriver.cuModuleUnload;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/** A module that the driver has compiled. */
final class JCudaModule implements GpuModule {
  private static final int LOG_BYTES = 16 << 10;

  private final JCudaContext context;
  private final String name;
  private final CUmodule module = new CUmodule();
  private boolean closed;

  JCudaModule(JCudaContext context, String name, String ptx) {
    this.context = context;
    this.name = name;
    context.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(ptx);
      MemorySegment log = arena.allocate(LOG_BYTES);
      // The driver takes a number as the bits of a pointer, and writes the log's length there.
      MemorySegment values = arena.allocateFrom(ValueLayout.JAVA_LONG, log.address(), LOG_BYTES);
      int[] options = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
      int code =
          cuModuleLoadDataEx(
              module,
              new RawPointer.Host(text.address()),
              options.length,
              options,
              new RawPointer.Host(values.address()));
      JCudaContext.check(
          code,
          () -> {
            log.set(ValueLayout.JAVA_BYTE, LOG_BYTES - 1, (byte) 0);
            String why = log.getString(0).strip();
            return "loading the module " + name + (why.isEmpty() ? "" : ":\n" + why + "\n");
          });
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public GpuFunction function(String entry) {
    context.enter();
    CUfunction function = new CUfunction();
    JCudaContext.check(
        cuModuleGetFunction(function, module, entry),
        () -> "looking for the kernel %s in the module %s".formatted(entry, name));
    return new Function(context, entry, function);
  }

  @Override
  public void close() {
    if (closed || context.isClosed()) {
      return;
    }
    context.enter();
    closed = true;
    context.checkWait(cuModuleUnload(module), "unloading the module " + name);
  }

  /** A kernel of the module. */
  static final class Function implements GpuFunction {
    private final JCudaContext context;
    private final String name;
    private final CUfunction handle;

    Function(JCudaContext context, String name, CUfunction handle) {
      this.context = context;
      this.name = name;
      this.handle = handle;
    }

    CUfunction handle() {
      return handle;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public FunctionAttributes attributes() {
      context.enter();
      return new FunctionAttributes(
          attribute(CU_FUNC_ATTRIBUTE_NUM_REGS),
          attribute(CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES),
          attribute(CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES),
          attribute(CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES),
          attribute(CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK));
    }

    private int attribute(int which) {
      int[] value = new int[1];
      check(cuFuncGetAttribute(value, which, handle), "asking for function attribute " + which);
      return value[0];
    }

    @Override
    public void allowSharedBytes(int bytes) {
      context.enter();
      check(
          cuFuncSetAttribute(handle, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes),
          "asking for %,d bytes of shared memory".formatted(bytes));
    }

    private void check(int code, String doing) {
      if (code != 0) {
        throw new GpuException(code, JCudaContext.name(code), doing, name, Optional.empty());
      }
    }
  }
}
