// SPDX-License-Identifier: Apache-2.0
package io.lowbit.model.family;

import io.lowbit.backend.Activation;
import io.lowbit.backend.Norm;
import io.lowbit.backend.Rotary;
import io.lowbit.format.FormatException;
import io.lowbit.model.Architecture;
import io.lowbit.model.Blueprint;
import io.lowbit.model.Configuration;
import io.lowbit.model.Part;
import io.lowbit.model.WeightNames;
import java.util.Optional;

/**
 * LLaMA 1 and 2, Vicuna, Mistral and everything else in the Hugging Face layout of {@code
 * LlamaForCausalLM} and {@code MistralForCausalLM}: RMS norms, rotary positions, grouped-query
 * attention, gated MLP.
 */
final class Llama implements WeightNames {
  private final boolean attentionBias;
  private final boolean mlpBias;

  private Llama(boolean attentionBias, boolean mlpBias) {
    this.attentionBias = attentionBias;
    this.mlpBias = mlpBias;
  }

  static Blueprint read(Configuration config) {
    int hidden = config.integer("hidden_size");
    int heads = config.integer("num_attention_heads");
    int headDim = config.optionalInteger("head_dim").orElse(heads > 0 ? hidden / heads : 0);
    boolean tied = config.flag("tie_word_embeddings", false);
    Architecture architecture =
        new Architecture(
            "llama",
            config.integer("vocab_size"),
            hidden,
            config.integer("num_hidden_layers"),
            heads,
            config.optionalInteger("num_key_value_heads").orElse(heads),
            headDim,
            config.optionalInteger("sliding_window").orElse(0),
            rotary(config, headDim),
            Norm.Kind.RMS,
            (float) config.optionalNumber("rms_norm_eps").orElse(1e-6),
            config.integer("intermediate_size"),
            activation(config),
            tied,
            config.optionalInteger("max_position_embeddings").orElse(2048));
    Llama names = new Llama(config.flag("attention_bias", false), config.flag("mlp_bias", false));
    config.ignore(
        "_name_or_path",
        "architectures",
        "attention_dropout",
        "bos_token_id",
        "dtype",
        "eos_token_id",
        "initializer_range",
        "max_sequence_length",
        "model_type",
        "pad_token_id",
        "pretraining_tp",
        "torch_dtype",
        "transformers_version",
        "use_cache");
    config.refuseUnread("llama");
    return new Blueprint(architecture, names);
  }

  private static Rotary rotary(Configuration config, int headDim) {
    Rotary plain = RotaryScaling.plain(config.optionalNumber("rope_theta").orElse(10000), headDim);
    String type =
        config.text("rope_scaling.rope_type", config.text("rope_scaling.type", "default"));
    return switch (type) {
      case "default" -> plain;
      case "linear" -> RotaryScaling.linear(plain, config.number("rope_scaling.factor"));
      default ->
          throw new FormatException(
              "%s: rotary scaling '%s' is not implemented; known: default, linear"
                  .formatted(config.source(), type));
    };
  }

  private static Activation activation(Configuration config) {
    String name = config.text("hidden_act", "silu");
    return switch (name) {
      case "silu", "swish" -> Activation.SILU;
      case "gelu" -> Activation.GELU;
      case "gelu_new", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
      case "relu" -> Activation.RELU;
      default ->
          throw new FormatException(
              "%s: activation '%s' is not implemented; known: silu, gelu, gelu_new, gelu_pytorch_tanh, relu"
                  .formatted(config.source(), name));
    };
  }

  @Override
  public Location weight(Part part, int layer) {
    return Location.of(tensor(part, layer) + ".weight");
  }

  @Override
  public Optional<Location> bias(Part part, int layer) {
    boolean present =
        switch (part) {
          case QUERY, KEY, VALUE, ATTENTION_OUTPUT -> attentionBias;
          case GATE, UP, DOWN -> mlpBias;
          default -> false;
        };
    return present ? Optional.of(Location.of(tensor(part, layer) + ".bias")) : Optional.empty();
  }

  private static String tensor(Part part, int layer) {
    String block = "model.layers." + layer + ".";
    return switch (part) {
      case EMBEDDING -> "model.embed_tokens";
      case ATTENTION_NORM -> block + "input_layernorm";
      case QUERY -> block + "self_attn.q_proj";
      case KEY -> block + "self_attn.k_proj";
      case VALUE -> block + "self_attn.v_proj";
      case ATTENTION_OUTPUT -> block + "self_attn.o_proj";
      case MLP_NORM -> block + "post_attention_layernorm";
      case GATE -> block + "mlp.gate_proj";
      case UP -> block + "mlp.up_proj";
      case DOWN -> block + "mlp.down_proj";
      case FINAL_NORM -> "model.norm";
      case HEAD -> "lm_head";
    };
  }
}
