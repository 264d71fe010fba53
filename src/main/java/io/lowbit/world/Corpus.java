// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import java.util.ArrayList;
import java.util.List;

/** Running text: documents of all genres, mixed. */
public final class Corpus {
  /** Stands between documents in a file. */
  public static final String SEPARATOR = "\n<|endoftext|>\n";

  /**
   * A genre's share.
   *
   * @param documents of 100 documents
   */
  private record Share(int documents, Genre genre) {}

  private static final List<Share> MIX =
      List.of(
          new Share(31, new Facts()),
          new Share(13, new Sums()),
          new Share(10, new Mappings()),
          new Share(18, new Ledgers()),
          new Share(4, new Stories()),
          new Share(15, new Instructions()),
          new Share(6, new Hearsay()),
          new Share(3, new Doubts()));

  private final Draw draw;
  private final Side side;

  private Corpus(Draw draw, Side side) {
    this.draw = draw;
    this.side = side;
  }

  /** Text to train on. */
  public static Corpus training(long seed) {
    return new Corpus(Draw.of(seed, "training text"), Side.TRAINING);
  }

  /** Text to test on: nothing in it was ever in training text, whatever the seeds. */
  public static Corpus heldOut(long seed) {
    return new Corpus(Draw.of(seed, "held-out text"), Side.HELD_OUT);
  }

  /** The next document. */
  public String next() {
    int ticket = draw.below(100);
    for (Share share : MIX) {
      ticket -= share.documents();
      if (ticket < 0) {
        return share.genre().document(draw, side);
      }
    }
    throw new IllegalStateException("the shares of the genres do not add up to 100");
  }

  /** The next so many documents. */
  public List<String> next(int count) {
    List<String> documents = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      documents.add(next());
    }
    return documents;
  }
}
