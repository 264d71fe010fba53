// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model.family;

import io.lowbit.backend.Activation;
import io.lowbit.backend.Norm;
import io.lowbit.format.Checkpoint;
import io.lowbit.format.FormatException;
import io.lowbit.model.Architecture;
import io.lowbit.model.Blueprint;
import io.lowbit.model.Configuration;
import io.lowbit.model.Part;
import io.lowbit.model.WeightNames;
import java.util.Optional;

/**
 * GGUF files with {@code general.architecture = llama}. Query and key rows are stored for rotation
 * of adjacent pairs; they are put back into the rotate-half order, so that groups of the key cache
 * mean the same as in other layouts.
 */
final class GgufLlama implements WeightNames {
  private final Architecture architecture;

  private GgufLlama(Architecture architecture) {
    this.architecture = architecture;
  }

  static Blueprint read(Configuration config, Checkpoint checkpoint) {
    int hidden = config.integer("embedding_length");
    int heads = config.integer("attention.head_count");
    int headDim =
        config
            .optionalInteger("attention.key_length")
            .orElse(heads > 0 && hidden % heads == 0 ? hidden / heads : 0);
    if (config.optionalInteger("attention.value_length").orElse(headDim) != headDim) {
      throw new FormatException(
          config.source() + ": keys and values of different length are not supported");
    }
    if (heads <= 0 || headDim <= 0 || headDim % 2 != 0) {
      throw new FormatException(
          "%s: %d heads over %d values give no even head dimension"
              .formatted(config.source(), heads, hidden));
    }
    int rotated = config.optionalInteger("rope.dimension_count").orElse(headDim);
    if (rotated != headDim) {
      throw new FormatException(
          "%s: rope.dimension_count is %d but a head has %d values; partial rotation is not part of this family"
              .formatted(config.source(), rotated, headDim));
    }
    Architecture architecture =
        new Architecture(
            "llama",
            vocabulary(config, checkpoint),
            hidden,
            config.integer("block_count"),
            heads,
            config.optionalInteger("attention.head_count_kv").orElse(heads),
            headDim,
            0,
            RotaryScaling.plain(config.optionalNumber("rope.freq_base").orElse(10000), headDim),
            Norm.Kind.RMS,
            (float) config.number("attention.layer_norm_rms_epsilon"),
            config.integer("feed_forward_length"),
            Activation.SILU,
            !checkpoint.contains("output.weight"),
            config.integer("context_length"));
    if (!config.text("rope.scaling.type", "none").equals("none")
        || checkpoint.contains("rope_freqs.weight")) {
      throw new FormatException(
          config.source() + ": rotary scaling of GGUF files is not implemented");
    }
    if (config.optionalInteger("expert_count").orElse(0) != 0) {
      throw new FormatException(config.source() + ": mixtures of experts are not implemented");
    }
    config.ignore("vocab_size", "rope.scaling.factor", "expert_used_count");
    config.refuseUnread("llama");
    return new Blueprint(architecture, new GgufLlama(architecture));
  }

  private static int vocabulary(Configuration config, Checkpoint checkpoint) {
    return checkpoint.tensors().stream()
        .filter(tensor -> tensor.name().equals("token_embd.weight"))
        .findFirst()
        .map(tensor -> Math.toIntExact(tensor.shape().rows()))
        .orElseThrow(() ->
            new FormatException(config.source() + ": there is no tensor 'token_embd.weight'"));
  }

  @Override
  public Location weight(Part part, int layer) {
    String name = tensor(part, layer) + ".weight";
    return switch (part) {
      case QUERY -> new Location(name, Optional.of(rotateHalfOrder(architecture.heads())));
      case KEY -> new Location(name, Optional.of(rotateHalfOrder(architecture.keyHeads())));
      default -> Location.of(name);
    };
  }

  @Override
  public Optional<Location> bias(Part part, int layer) {
    return Optional.empty();
  }

  /** Row i of the first half of a head is stored at 2i, row i of the second half at 2i + 1. */
  private int[] rotateHalfOrder(int heads) {
    int headDim = architecture.headDim();
    int[] order = new int[heads * headDim];
    for (int row = 0; row < order.length; row++) {
      int head = row / headDim;
      int within = row % headDim;
      int half = headDim / 2;
      order[row] = head * headDim + (within < half ? 2 * within : 2 * (within - half) + 1);
    }
    return order;
  }

  private static String tensor(Part part, int layer) {
    String block = "blk." + layer + ".";
    return switch (part) {
      case EMBEDDING -> "token_embd";
      case ATTENTION_NORM -> block + "attn_norm";
      case QUERY -> block + "attn_q";
      case KEY -> block + "attn_k";
      case VALUE -> block + "attn_v";
      case ATTENTION_OUTPUT -> block + "attn_output";
      case MLP_NORM -> block + "ffn_norm";
      case GATE -> block + "ffn_gate";
      case UP -> block + "ffn_up";
      case DOWN -> block + "ffn_down";
      case FINAL_NORM -> "output_norm";
      case HEAD -> "output";
    };
  }
}
