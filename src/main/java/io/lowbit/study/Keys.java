// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.backend.Backend;
import io.lowbit.results.ContentKey;
import io.lowbit.task.Task;

/** Content keys of items. */
final class Keys {
  private Keys() {}

  /**
   * What all items of a unit have in common. Names that the user gave to model and scheme are part
   * of it too, because records carry them.
   */
  static ContentKey unit(OpenModel model, Study.SchemeEntry scheme, Backend backend, Task task) {
    return new ContentKey()
        .with("model", model.name())
        .with("weights", model.sha256())
        .with("scheme name", scheme.name())
        .with("scheme", scheme.scheme().canonicalJson())
        .with("base", backend.base().name())
        .with("numerics", backend.numerics())
        .with("task", task.name())
        .with("task definition", task.definition().sha256())
        .with("data", task.dataSha256())
        .with("protocol", task.protocol())
        .with("stop tokens", model.stops().toString())
        .with("context length", model.source().architecture().contextLength());
  }

  /** The key of an item: everything its score is a function of. */
  static String of(
      OpenModel model,
      Study.SchemeEntry scheme,
      Backend backend,
      Task task,
      EncodedTask.Item encoded) {
    ContentKey key = unit(model, scheme, backend, task).with("item", encoded.item().id());
    encoded.addTo(key);
    return key.hex();
  }
}
