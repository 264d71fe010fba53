// SPDX-License-Identifier: Apache-2.0
package io.lowbit.study;

import io.lowbit.engine.Generator;
import io.lowbit.engine.Requests;
import io.lowbit.results.ContentKey;
import io.lowbit.task.Task;
import io.lowbit.task.TaskItem;
import io.lowbit.text.Request;
import io.lowbit.text.RequestEncoding;
import java.util.ArrayList;
import java.util.List;

/**
 * A task as one model reads it.
 *
 * @param task the task
 * @param items its items in token ids
 * @param cut number of items whose prompt lost tokens at its beginning, as the model reads no more
 */
record EncodedTask(Task task, List<Item> items, int cut) {

  /**
   * An item in token ids.
   *
   * @param item what scoring needs to know
   * @param windows for each scored request, its windows
   * @param prompts one for each generation request
   */
  record Item(TaskItem item, List<List<Request.Tokens>> windows, List<Generator.Prompt> prompts) {
    /** Tokens the model reads or writes for it. */
    long tokens() {
      long tokens = 0;
      for (List<Request.Tokens> request : windows) {
        for (Request.Tokens window : request) {
          tokens += window.ids().length - 1;
        }
      }
      for (Generator.Prompt prompt : prompts) {
        tokens += prompt.ids().length + prompt.maxNewTokens();
      }
      return tokens;
    }

    /** Adds everything that is asked of the model to a key. */
    void addTo(ContentKey key) {
      for (List<Request.Tokens> request : windows) {
        key.with("request", request.size());
        for (Request.Tokens window : request) {
          key.with("ids", window.ids()).with("first scored", window.firstScored());
        }
      }
      for (Generator.Prompt prompt : prompts) {
        key.with("prompt", prompt.ids()).with("new tokens", prompt.maxNewTokens());
        prompt.stops().forEach(stop -> key.with("stop", stop));
      }
    }
  }

  /** Encodes a task's items for a model. */
  static EncodedTask of(Task task, OpenModel model) {
    int maxLength = model.source().architecture().contextLength();
    List<Item> items = new ArrayList<>();
    int cut = 0;
    for (TaskItem item : items(task, model)) {
      try {
        Item encoded = encoded(item, model, maxLength);
        items.add(encoded);
        cut += isCut(encoded, model, maxLength) ? 1 : 0;
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "%s (%s), item %s, %s: %s"
                .formatted(task.name(), task.protocol(), item.id(), model.name(), e.getMessage()),
            e);
      }
    }
    return new EncodedTask(task, items, cut);
  }

  /** Whether a context or a prompt lost tokens at its beginning. */
  private static boolean isCut(Item item, OpenModel model, int maxLength) {
    int scored = 0;
    for (Request request : item.item().requests()) {
      if (request instanceof Request.Generate) {
        continue;
      }
      List<Request.Tokens> windows = item.windows().get(scored++);
      // Only a full window can have lost something, which spares encoding the others again.
      if (request instanceof Request.LogLikelihood asked
          && windows.getFirst().ids().length == maxLength + 1) {
        RequestEncoding whole =
            RequestEncoding.of(model.tokenizer(), asked.context(), asked.continuation());
        if (whole.context().length + whole.continuation().length > maxLength + 1) {
          return true;
        }
      }
    }
    return item.prompts().stream()
        .anyMatch(prompt -> prompt.ids().length + prompt.maxNewTokens() > maxLength);
  }

  private static List<TaskItem> items(Task task, OpenModel model) {
    try {
      return task.items(model.tokenizer());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(task.name() + ": " + e.getMessage(), e);
    }
  }

  private static Item encoded(TaskItem item, OpenModel model, int maxLength) {
    List<List<Request.Tokens>> windows = new ArrayList<>();
    List<Generator.Prompt> prompts = new ArrayList<>();
    for (Request request : item.requests()) {
      if (request instanceof Request.Generate asked) {
        int[] ids = model.tokenizer().encode(asked.prompt(), true);
        prompts.add(new Generator.Prompt(ids, asked.stops(), asked.maxNewTokens()));
      } else {
        windows.add(
            requireFits(Requests.windows(request, model.tokenizer(), maxLength), maxLength));
      }
    }
    return new Item(item, windows, prompts);
  }

  private static List<Request.Tokens> requireFits(List<Request.Tokens> windows, int maxLength) {
    for (Request.Tokens window : windows) {
      if (window.ids().length - 1 > maxLength) {
        throw new IllegalArgumentException(
            "a window of %,d tokens is longer than the model's context of %,d; choose a smaller window"
                .formatted(window.ids().length, maxLength));
      }
    }
    return windows;
  }
}
