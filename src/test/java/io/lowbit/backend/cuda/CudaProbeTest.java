// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** The sentences about machines with and without a GPU, and what to do about failures. */
public final class CudaProbeTest {
  /** A machine whose steps are counted; the failing one throws or says no. */
  private static final class Steps implements CudaProbe.Machine {
    final List<String> taken = new ArrayList<>();
    boolean supported = true;
    boolean driver = true;
    Throwable failure;
    GpuException refusal;
    int version = 12040;
    int devices = 1;
    int major = 8;
    int minor = 6;

    private void take(String step) {
      taken.add(step);
      if (refusal != null && step.equals("initialize")) {
        throw refusal;
      }
    }

    @Override
    public String platform() {
      return "Mac OS X on aarch64";
    }

    @Override
    public boolean isSupported() {
      return supported;
    }

    @Override
    public boolean hasDriver() {
      take("driver");
      return driver;
    }

    @Override
    public void load() throws Throwable {
      take("load");
      if (failure != null) {
        throw failure;
      }
    }

    @Override
    public int driverVersion() {
      take("version");
      return version;
    }

    @Override
    public void initialize() {
      take("initialize");
    }

    @Override
    public int devices() {
      take("devices");
      return devices;
    }

    @Override
    public DeviceAttributes first(int driverVersion) {
      take("first");
      return new DeviceAttributes(
          "RTX 3090",
          major,
          minor,
          driverVersion,
          82,
          1024,
          49152,
          101376,
          102400,
          65536,
          6 << 20,
          1695000,
          9751000,
          384);
    }
  }

  private static void expect(Steps machine, CudaProbe.Kind kind, String sentence, String steps) {
    CudaProbe probe = CudaProbe.decide(machine);
    assertEquals(probe.kind(), kind);
    assertEquals(probe.sentence(), sentence);
    assertEquals(probe.usable(), kind == CudaProbe.Kind.USABLE);
    assertEquals(probe.device().isPresent(), probe.usable());
    assertEquals(String.join(" ", machine.taken), steps);
  }

  @Test
  public void aUsableGpuIsNamed() {
    expect(
        new Steps(),
        CudaProbe.Kind.USABLE,
        "RTX 3090 of compute capability 8.6, driver for CUDA 12.4",
        "driver load version initialize devices first");
  }

  @Test
  public void nothingIsTouchedBeyondTheFirstThingThatIsMissing() {
    Steps platform = new Steps();
    platform.supported = false;
    expect(
        platform,
        CudaProbe.Kind.OTHER_PLATFORM,
        "the GPU is used on Linux on x86-64 only, and this is Mac OS X on aarch64",
        "");
    Steps driver = new Steps();
    driver.driver = false;
    expect(
        driver,
        CudaProbe.Kind.NO_DRIVER,
        "there is no NVIDIA driver: libcuda.so.1 was not found; where there is a GPU, install the"
            + " driver, or give the container its GPUs (docker run --gpus all)",
        "driver");
    Steps old = new Steps();
    old.version = 11070;
    expect(
        old,
        CudaProbe.Kind.DRIVER_TOO_OLD,
        "the NVIDIA driver is for CUDA 11.7: install driver 520 (CUDA 11.8) or newer",
        "driver load version");
    Steps none = new Steps();
    none.devices = 0;
    expect(
        none,
        CudaProbe.Kind.NO_DEVICE,
        "there is an NVIDIA driver, but no GPU; there is no such GPU: check nvidia-smi and"
            + " CUDA_VISIBLE_DEVICES, and that a container was started with its GPUs",
        "driver load version initialize devices");
    Steps turing = new Steps();
    turing.major = 7;
    turing.minor = 5;
    expect(
        turing,
        CudaProbe.Kind.GPU_TOO_OLD,
        "the GPU is too old: RTX 3090 of compute capability 7.5, and Lowbit needs a GPU of compute"
            + " capability 8.0 (A100, RTX 30) or newer",
        "driver load version initialize devices first");
  }

  @Test
  public void whateverLoadingThrowsIsOneSentence() {
    for (Throwable failure :
        List.of(
            new UnsatisfiedLinkError("noexec\nmore"),
            new NoClassDefFoundError("noexec"),
            new ExceptionInInitializerError("noexec"))) {
      Steps machine = new Steps();
      machine.failure = failure;
      expect(
          machine,
          CudaProbe.Kind.NOT_LOADABLE,
          "there is an NVIDIA driver, but JCuda's library cannot be loaded: noexec ("
              + failure.getClass().getSimpleName()
              + "); set LOWBIT_CACHE to a writable folder whose file system allows execution",
          "driver load");
    }
  }

  @Test
  public void aDriverThatDoesNotStartIsBrokenUnlessItHasNoDevice() {
    Steps broken = new Steps();
    broken.refusal = new GpuException(999, "CUDA_ERROR_UNKNOWN", "starting the CUDA driver");
    assertEquals(CudaProbe.decide(broken).kind(), CudaProbe.Kind.BROKEN);
    assertTrue(CudaProbe.decide(broken).sentence().contains("nvidia-uvm"));
    Steps none = new Steps();
    none.refusal = new GpuException(100, "CUDA_ERROR_NO_DEVICE", "starting the CUDA driver");
    assertEquals(CudaProbe.decide(none).kind(), CudaProbe.Kind.NO_DEVICE);
  }

  @Test
  public void openingSaysWhatTheProbeSays() {
    CudaProbe probe = CudaProbe.result();
    assertEquals(CudaProbe.result(), probe);
    if (!probe.usable()) {
      IllegalStateException refusal = expectThrows(IllegalStateException.class, JCudaDriver::open);
      assertEquals(refusal.getMessage(), probe.sentence());
    }
  }

  @DataProvider
  Object[][] advice() {
    return new Object[][] {
      {2, "a scheme with fewer bits"},
      {209, "compute capability 8.0"},
      {218, "compute capability 8.0"},
      {218, "driver 520"},
      {222, "install NVIDIA driver 520 (CUDA 11.8)"},
      {700, "lowbit.cuda.synchronous=true"},
      {702, "drives no screen"},
      {719, "lowbit selftest"},
      {999, "dmesg"},
    };
  }

  @Test(dataProvider = "advice")
  public void aFailureSaysWhatToDo(int code, String words) {
    GpuException failure = new GpuException(code, "NAME", "doing");
    assertTrue(failure.getMessage().startsWith("doing: NAME (" + code + "); "));
    assertTrue(failure.getMessage().contains(words), failure.getMessage());
    assertEquals(new GpuException(1, "NAME", "doing").getMessage(), "doing: NAME (1)");
    if (code != 2 && code != 999) {
      assertTrue(JCudaContext.name(code).startsWith("CUDA_ERROR_"));
    }
  }

  @Test
  public void theNamesAreThoseOfTheDriver() {
    assertEquals(JCudaContext.name(222), "CUDA_ERROR_UNSUPPORTED_PTX_VERSION");
    assertEquals(JCudaContext.name(700), "CUDA_ERROR_ILLEGAL_ADDRESS");
    assertEquals(JCudaContext.name(0x80000001), "JCUDA_INTERNAL_ERROR");
    assertEquals(JCudaContext.name(123456), "a result that JCuda does not know");
  }

  @Test
  public void noTypeOfJcudaLeaks() {
    int methods = 0;
    for (Class<?> type :
        List.of(JCudaDriver.class, CudaProbe.class, GpuException.class, DeviceAttributes.class)) {
      for (Method method : type.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())) {
          methods++;
          Stream.concat(
                  Stream.of(method.getReturnType()), Arrays.stream(method.getParameterTypes()))
              .forEach(used -> assertTrue(!used.getName().startsWith("jcuda."), method.toString()));
        }
      }
    }
    assertTrue(methods > 30);
    for (Class<?> internal :
        List.of(RawPointer.class, JCudaContext.class, JCudaStream.class, JCudaModule.class)) {
      assertTrue(!Modifier.isPublic(internal.getModifiers()), internal.getName());
    }
  }
}
