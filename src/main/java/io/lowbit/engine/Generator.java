// SPDX-License-Identifier: Apache-2.0
package io.lowbit.engine;

import io.lowbit.backend.KvCache;
import io.lowbit.model.Batch;
import io.lowbit.model.Decoder;
import io.lowbit.model.Pass;
import io.lowbit.text.StreamDecoder;
import io.lowbit.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Greedy continuations of prompts, several at a time; a prompt's answer does not depend on the
 * others.
 */
public final class Generator {
  private final Decoder decoder;
  private final Tokenizer tokenizer;
  private final Set<Integer> stopIds;

  /**
   * A generator over a decoder and the tokenizer that belongs to it.
   *
   * @param stopIds tokens that end an answer, end of turn among them ({@code ModelSource.stops})
   */
  public Generator(Decoder decoder, Tokenizer tokenizer, Set<Integer> stopIds) {
    this.decoder = decoder;
    this.tokenizer = tokenizer;
    this.stopIds = Set.copyOf(stopIds);
  }

  /**
   * What to continue.
   *
   * @param ids the prompt, at least one token; cut on the left so that prompt and answer fit the
   *     model's context
   * @param stops texts that end the answer, in order
   * @param maxNewTokens upper limit of new tokens
   */
  public record Prompt(int[] ids, List<String> stops, int maxNewTokens) {}

  /**
   * An answer.
   *
   * @param ids new tokens, a final stop token left out
   * @param text their text, cut before the stop string
   * @param stoppedBy {@code length}, {@code eos} (any stop token), or the stop string
   */
  public record Answer(int[] ids, String text, String stoppedBy) {}

  /** Answers in the order of the prompts. */
  public List<Answer> generate(List<Prompt> prompts) {
    List<Running> all = prompts.stream().map(this::start).toList();
    List<Running> active = new ArrayList<>(all);
    try {
      active.removeIf(Running::isDone);
      while (!active.isEmpty()) {
        step(active);
        active.removeIf(Running::isDone);
      }
    } finally {
      all.forEach(running -> running.cache.close());
    }
    return all.stream().map(Running::answer).toList();
  }

  private Running start(Prompt prompt) {
    if (prompt.ids().length == 0) {
      throw new IllegalArgumentException(
          "a prompt needs at least one token; give the tokenizer's BOS for an empty text");
    }
    int room = decoder.architecture().contextLength() - prompt.maxNewTokens();
    if (room < 1) {
      throw new IllegalArgumentException(
          "%,d new tokens leave no room for a prompt in the model's context of %,d"
              .formatted(prompt.maxNewTokens(), decoder.architecture().contextLength()));
    }
    int[] ids = prompt.ids();
    int[] kept = ids.length <= room ? ids : Arrays.copyOfRange(ids, ids.length - room, ids.length);
    return new Running(prompt, kept);
  }

  private void step(List<Running> active) {
    List<Batch.Continuation> continuations =
        active.stream().map(r -> new Batch.Continuation(r.cache, r.next)).toList();
    int[] lastRows = new int[active.size()];
    int row = -1;
    for (int i = 0; i < lastRows.length; i++) {
      row += active.get(i).next.length;
      lastRows[i] = row;
    }
    try (Pass pass = decoder.forward(Batch.of(continuations))) {
      int[] chosen = decoder.argMax(pass, lastRows);
      for (int i = 0; i < chosen.length; i++) {
        active.get(i).accept(chosen[i]);
      }
    }
  }

  /** One prompt on its way. */
  private final class Running {
    private final Prompt prompt;
    private final KvCache cache = decoder.newCache();
    private final List<Integer> ids = new ArrayList<>();
    private final StreamDecoder stream = new StreamDecoder(tokenizer, true);
    private final StringBuilder settled = new StringBuilder();
    private int[] next;
    private String text = "";
    private String stoppedBy;

    Running(Prompt prompt, int[] ids) {
      this.prompt = prompt;
      this.next = ids;
      if (prompt.maxNewTokens() == 0) {
        stoppedBy = "length";
      }
    }

    boolean isDone() {
      return stoppedBy != null;
    }

    void accept(int id) {
      if (stopIds.contains(id)) {
        stoppedBy = "eos";
        return;
      }
      ids.add(id);
      next = new int[] {id};
      settled.append(stream.next(id));
      text = settled + stream.waiting();
      for (String stop : prompt.stops()) {
        int at = text.indexOf(stop);
        if (at >= 0) {
          text = text.substring(0, at);
          stoppedBy = stop;
        }
      }
      if (stoppedBy == null && ids.size() == prompt.maxNewTokens()) {
        stoppedBy = "length";
      }
    }

    private int[] ids() {
      return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    Answer answer() {
      return new Answer(ids(), text, stoppedBy);
    }
  }
}
