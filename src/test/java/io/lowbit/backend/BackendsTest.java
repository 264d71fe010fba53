// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend;

import static org.testng.Assert.assertEquals;
import static org.testng.Assert.assertTrue;
import static org.testng.Assert.expectThrows;

import io.lowbit.backend.cuda.CudaProbe;
import io.lowbit.tensor.DType;
import java.lang.reflect.Proxy;
import java.util.Optional;
import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

/** Which back-end is chosen, and the reason that is logged. */
public final class BackendsTest {
  private static final CudaProbe GPU =
      new CudaProbe(CudaProbe.Kind.USABLE, "a GPU", Optional.empty());
  private static final CudaProbe NO_GPU =
      new CudaProbe(
          CudaProbe.Kind.NO_DRIVER, "there is no NVIDIA driver; install it", Optional.empty());

  /** A back-end that only describes itself. */
  private static Backend gpu(DType base) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, _) -> method.getName().equals("description") ? "GPU in " + base : null);
  }

  private static String reason(String name, DType base, CudaProbe probe) {
    Backends.Choice choice =
        Backends.open(name, Optional.ofNullable(base), 1, () -> probe, BackendsTest::gpu);
    try (Backend backend = choice.backend()) {
      assertTrue(choice.reason().contains(backend.description()), choice.reason());
    }
    return choice.reason();
  }

  @DataProvider
  Object[][] choices() {
    return new Object[][] {
      {"auto", null, GPU, "back-end: GPU in F16 (the machine has a GPU)"},
      {"auto", DType.BF16, GPU, "back-end: GPU in BF16 (the machine has a GPU)"},
      {"cuda", null, GPU, "back-end: GPU in F16 (as asked)"},
      {"cuda", DType.F32, GPU, "back-end: GPU in F32 (as asked)"},
    };
  }

  @Test(dataProvider = "choices")
  public void theGpuIsTakenWhereItIsAndCanBe(
      String name, DType base, CudaProbe probe, String expected) {
    assertEquals(reason(name, base, probe), expected);
  }

  @DataProvider
  Object[][] fallbacks() {
    return new Object[][] {
      {"auto", null, NO_GPU, "(there is no NVIDIA driver)"},
      {"auto", DType.F16, NO_GPU, "(there is no NVIDIA driver)"},
      {"auto", DType.F32, GPU, "(the GPU has fp16 and bf16, and the scheme asks for fp32)"},
      {"cpu", null, GPU, "(as asked)"},
    };
  }

  @Test(dataProvider = "fallbacks")
  public void theCpuSaysWhyItServes(String name, DType base, CudaProbe probe, String end) {
    String reason = reason(name, base, probe);
    assertTrue(reason.startsWith("back-end: ") && reason.endsWith(end), reason);
    assertTrue(!reason.contains("GPU in"), reason);
  }

  @Test
  public void beingFastChangesNothingOnTheCpu() {
    Backends.Choice choice = Backends.open("cpu", Optional.empty(), 1, true);
    try (Backend fast = choice.backend();
        Backend usual = Backends.open("cpu", Optional.empty(), 1).backend()) {
      assertEquals(fast.numerics(), usual.numerics());
      assertTrue(
          choice.reason().endsWith("(as asked); --fast changes nothing on the CPU"),
          choice.reason());
    }
  }

  @Test
  public void askingForTheGpuWhereThereIsNoneSaysWhy() {
    IllegalArgumentException refusal =
        expectThrows(IllegalArgumentException.class, () -> reason("cuda", null, NO_GPU));
    assertEquals(
        refusal.getMessage(), "there is no NVIDIA driver; install it; or use --backend cpu");
  }

  private static CudaProbe probed() {
    throw new AssertionError("probed");
  }

  private static Backend opened(DType base) {
    throw new AssertionError("opened in " + base);
  }

  @Test
  public void neitherTheCpuNorASlipOfTheKeyboardTouchesTheDriver() {
    Backends.open("cpu", Optional.empty(), 1, BackendsTest::probed, BackendsTest::opened)
        .backend()
        .close();
    assertEquals(
        expectThrows(
                IllegalArgumentException.class,
                () ->
                    Backends.open(
                        "gpu", Optional.empty(), 1, BackendsTest::probed, BackendsTest::opened))
            .getMessage(),
        "there is no back-end 'gpu'; choose one of auto, cuda, cpu");
    expectThrows(
        IllegalArgumentException.class,
        () ->
            Backends.open(
                "auto", Optional.empty(), -1, BackendsTest::probed, BackendsTest::opened));
  }
}
