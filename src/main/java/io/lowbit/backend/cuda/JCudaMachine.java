// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.util.List;

/** This machine, asked through JCuda. */
final class JCudaMachine implements CudaProbe.Machine {
  // The loader's own search first; then where containers and Windows' Linux put it without telling
  // the loader. A library opened by its path also serves JCuda's, which asks for it by name.
  private static final List<String> DRIVER_LIBRARIES =
      List.of(
          "libcuda.so.1",
          "/usr/local/nvidia/lib64/libcuda.so.1",
          "/usr/lib64/nvidia/libcuda.so.1",
          "/usr/lib/wsl/lib/libcuda.so.1");

  @Override
  public String platform() {
    return System.getProperty("os.name") + " on " + System.getProperty("os.arch");
  }

  @Override
  public boolean isSupported() {
    return System.getProperty("os.name").equals("Linux")
        && List.of("amd64", "x86_64").contains(System.getProperty("os.arch"));
  }

  @Override
  public boolean hasDriver() {
    return DRIVER_LIBRARIES.stream().anyMatch(JCudaMachine::canOpen);
  }

  /** Whether a shared library can be opened; it stays open. */
  @SuppressWarnings("restricted") // nothing in it is called
  static boolean canOpen(String library) {
    try {
      SymbolLookup.libraryLookup(library, Arena.global());
      return true;
    } catch (IllegalArgumentException e) {
      return false; // there is none of that name, or not for this machine
    }
  }

  @Override
  public void load() throws Throwable {
    JCudaNatives.loadDriverInterface();
  }

  @Override
  public int driverVersion() {
    return JCudaDevices.driverVersion();
  }

  @Override
  public void initialize() {
    JCudaDevices.initialize();
  }

  @Override
  public int devices() {
    return JCudaDevices.count();
  }

  @Override
  public DeviceAttributes first(int driverVersion) {
    return JCudaDevices.attributes(JCudaDevices.first(), driverVersion);
  }
}
