// SPDX-License-Identifier: Apache-2.0
package io.lowbit.backend.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;

/** An event of the driver, with time stamps. */
final class JCudaEvent implements GpuEvent {
  private final JCudaContext context;
  private final CUevent handle = new CUevent();
  private boolean closed;

  JCudaEvent(JCudaContext context) {
    this.context = context;
    context.enter();
    JCudaContext.check(
        cuEventCreate(handle, CUevent_flags.CU_EVENT_DEFAULT), () -> "making an event");
  }

  CUevent handle() {
    return handle;
  }

  @Override
  public void synchronize() {
    context.enter();
    context.checkWait(cuEventSynchronize(handle), "waiting for an event");
  }

  @Override
  public double millisecondsSince(GpuEvent earlier) {
    earlier.synchronize();
    synchronize();
    float[] milliseconds = new float[1];
    JCudaContext.check(
        cuEventElapsedTime(milliseconds, ((JCudaEvent) earlier).handle, handle),
        () -> "measuring the time between two events");
    return milliseconds[0];
  }

  @Override
  public void close() {
    if (closed || context.isClosed()) {
      return;
    }
    context.enter();
    closed = true;
    context.checkWait(cuEventDestroy(handle), "releasing an event");
  }
}
