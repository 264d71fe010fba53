// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_CLOCK_RATE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static jcuda.driver.JCudaDriver.cuDeviceGet;
import static jcuda.driver.JCudaDriver.cuDeviceGetAttribute;
import static jcuda.driver.JCudaDriver.cuDeviceGetCount;
import static jcuda.driver.JCudaDriver.cuDeviceGetName;
import static jcuda.driver.JCudaDriver.cuDriverGetVersion;
import static jcuda.driver.JCudaDriver.cuInit;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUdevice;

/** What the CUDA driver knows of this machine's devices; needs no context. */
final class JCudaDevices {
  private static final int NAME_BYTES = 256;

  private JCudaDevices() {}

  /** CUDA version of the driver, as in {@link DeviceAttributes#driverVersion}. */
  static int driverVersion() {
    int[] version = new int[1];
    JCudaContext.check(cuDriverGetVersion(version), () -> "asking for the driver's version");
    return version[0];
  }

  /** Must succeed before anything but {@link #driverVersion}. */
  static void initialize() {
    JCudaContext.check(cuInit(0), () -> "starting the CUDA driver");
  }

  static int count() {
    int[] count = new int[1];
    JCudaContext.check(cuDeviceGetCount(count), () -> "counting the GPUs");
    return count[0];
  }

  static CUdevice first() {
    CUdevice device = new CUdevice();
    JCudaContext.check(cuDeviceGet(device, 0), () -> "asking for the first GPU");
    return device;
  }

  static DeviceAttributes attributes(CUdevice device, int driverVersion) {
    byte[] name = new byte[NAME_BYTES];
    JCudaContext.check(cuDeviceGetName(name, name.length, device), () -> "asking for its name");
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new DeviceAttributes(
        new String(name, 0, length, StandardCharsets.UTF_8),
        attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
        attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        driverVersion,
        attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK),
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK),
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR),
        attribute(device, CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR),
        attribute(device, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE),
        attribute(device, CU_DEVICE_ATTRIBUTE_CLOCK_RATE),
        attribute(device, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE),
        attribute(device, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH));
  }

  private static int attribute(CUdevice device, int which) {
    int[] value = new int[1];
    JCudaContext.check(
        cuDeviceGetAttribute(value, which, device),
        () -> "asking for the device attribute " + which);
    return value[0];
  }
}
