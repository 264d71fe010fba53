// SPDX-License-Identifier: Apache-2.0
package io.lowbit.bench.speed;

import io.lowbit.backend.cuda.GpuDriver;
import io.lowbit.backend.cuda.GpuFunction;
import io.lowbit.backend.cuda.GpuGraph;
import io.lowbit.backend.cuda.GpuStream;
import io.lowbit.backend.cuda.KernelArguments;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Writes down the kernels and arguments that are launched while a stream is captured. */
final class LaunchSpy {
  private final List<String> captured = new ArrayList<>();
  private boolean capturing;

  /** Each launch of a capture: its kernel and its argument bytes. */
  List<String> captured() {
    return captured;
  }

  /** The driver with a spy on its new streams. */
  GpuDriver on(GpuDriver driver) {
    return proxy(
        GpuDriver.class,
        driver,
        (method, args) ->
            method.getName().equals("newStream")
                ? Optional.of(stream(driver.newStream()))
                : Optional.empty());
  }

  private GpuStream stream(GpuStream stream) {
    return proxy(
        GpuStream.class,
        stream,
        (method, args) -> {
          switch (method.getName()) {
            case "launch" -> note((GpuFunction) args[0], (KernelArguments) args[2]);
            case "beginCapture" -> capturing = true;
            case "endCapture" -> {
              capturing = false;
              return Optional.of(graph(stream.endCapture(), stream));
            }
            default -> {}
          }
          return Optional.empty();
        });
  }

  /** A graph that runs on the stream behind the spy. */
  private static GpuGraph graph(GpuGraph graph, GpuStream stream) {
    return proxy(
        GpuGraph.class,
        graph,
        (method, args) -> {
          if (method.getName().equals("launch")) {
            graph.launch(stream);
            return Optional.of("");
          }
          return Optional.empty();
        });
  }

  private void note(GpuFunction function, KernelArguments arguments) {
    if (capturing) {
      ByteBuffer packed = arguments.packed();
      byte[] bytes = new byte[packed.remaining()];
      packed.get(bytes);
      captured.add(function.name() + " " + HexFormat.of().formatHex(bytes));
    }
  }

  /** What to do instead of a call; nothing lets the call pass. */
  private interface Interception {
    Optional<Object> call(Method method, Object[] args);
  }

  private static <T> T proxy(Class<T> type, T target, Interception interception) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, args) -> {
              Optional<Object> instead = interception.call(method, args);
              if (instead.isPresent()) {
                return method.getReturnType() == void.class ? null : instead.get();
              }
              try {
                return method.invoke(target, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return type.cast(proxy);
  }
}
