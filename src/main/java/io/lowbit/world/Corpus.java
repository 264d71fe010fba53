// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import java.util.ArrayList;
import java.util.List;

/** Running text: documents of all genres, mixed. */
public final class Corpus {
  /** The token that models read between documents. */
  static final String END = "<|endoftext|>";

  /** Stands between documents in a file to train on, each part on a line of its own. */
  public static final String SEPARATOR = "\n" + END + "\n";

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

  /**
   * Text to test on: no document in it was ever in training text, whatever the seeds. It has no
   * {@link Facts} but those in stories: what is held out of them are the forms of sentences, and a
   * model that has read each fact hundreds of times learns that these are never used for it. It
   * would be surprised by the form, more so the better it is, and not by the fact.
   */
  public static Corpus heldOut(long seed) {
    return new Corpus(Draw.of(seed, "held-out text"), Side.HELD_OUT);
  }

  /** The next document. */
  public String next() {
    while (true) {
      int ticket = draw.below(100);
      for (Share share : MIX) {
        ticket -= share.documents();
        if (ticket < 0) {
          if (side == Side.TRAINING || !(share.genre() instanceof Facts)) {
            return share.genre().document(draw, side);
          }
          break;
        }
      }
    }
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
