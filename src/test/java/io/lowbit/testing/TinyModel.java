// SPDX-License-Identifier: Apache-2.0
package io.lowbit.testing;

import com.google.gson.Gson;
import io.lowbit.format.SafetensorsWriter;
import io.lowbit.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A Llama of random weights in the Hugging Face layout: 258 tokens (the bytes, BOS 256, EOS 257),
 * hidden 16, MLP 24, 2 layers, 4 query and 2 key heads of 4, context 64. With it go a task and a
 * study, so that everything from a study file to its report runs on files made here.
 */
public final class TinyModel {
  private static final String CONFIG =
      """
      {"architectures": ["LlamaForCausalLM"], "hidden_size": 16, "intermediate_size": 24,
       "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
       "vocab_size": 258, "max_position_embeddings": 64, "rms_norm_eps": 1e-05,
       "tie_word_embeddings": true, "bos_token_id": 256, "eos_token_id": 257}
      """;

  private TinyModel() {}

  /** Writes the model into a folder, which is made. */
  public static Path write(Path folder, long seed) throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("config.json"), CONFIG);
    Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        "{\"bos_token\": \"<s>\", \"eos_token\": \"</s>\"}");
    SafetensorsWriter.write(
        folder.resolve("model.safetensors"), Map.of(), weights(new Random(seed)));
    return folder;
  }

  /**
   * Writes a task file {@code mine.yaml} and its data, with one question for each item.
   *
   * @return the task file
   */
  public static Path writeTask(Path folder, int items) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < items; i++) {
      lines.append("{\"context\": \"Item %d is\", \"continuation\": \"here\"}%n".formatted(i));
    }
    Files.writeString(folder.resolve("mine.jsonl"), lines.toString());
    return Files.writeString(
        folder.resolve("mine.yaml"),
        """
        task: mine
        summary: the word that follows
        type: basic
        output_type: loglikelihood
        test_split: test
        data:
          test:
            path: mine.jsonl
        doc_to_text: "{{context}}"
        doc_to_target: "{{' ' + continuation}}"
        target_delimiter: ""
        metric_list:
          - metric: acc
            aggregation: mean
            higher_is_better: true
            chance: 0
        metadata:
          version: 1.0
        """);
  }

  /**
   * Writes {@code study.yaml}: the model in {@code tiny} and the task of {@link #writeTask}, with
   * the output in {@code out}.
   *
   * @param schemes as the list of the study file
   * @param more further lines
   */
  public static Path writeStudy(Path folder, String schemes, String more) throws IOException {
    return Files.writeString(
        folder.resolve("study.yaml"),
        """
        title: tiny
        output: out
        data: .
        models: [tiny]
        schemes: %s
        tasks: [mine.yaml]
        %s
        """
            .formatted(schemes, more));
  }

  private static List<SafetensorsWriter.Entry> weights(Random random) {
    List<SafetensorsWriter.Entry> entries = new ArrayList<>();
    add(entries, random, "model.embed_tokens", 258, 16);
    add(entries, random, "model.norm", 16);
    for (int layer = 0; layer < 2; layer++) {
      String block = "model.layers." + layer + ".";
      add(entries, random, block + "input_layernorm", 16);
      add(entries, random, block + "post_attention_layernorm", 16);
      add(entries, random, block + "self_attn.q_proj", 16, 16);
      add(entries, random, block + "self_attn.k_proj", 8, 16);
      add(entries, random, block + "self_attn.v_proj", 8, 16);
      add(entries, random, block + "self_attn.o_proj", 16, 16);
      add(entries, random, block + "mlp.gate_proj", 24, 16);
      add(entries, random, block + "mlp.up_proj", 24, 16);
      add(entries, random, block + "mlp.down_proj", 16, 24);
    }
    return entries;
  }

  private static void add(
      List<SafetensorsWriter.Entry> entries, Random random, String name, long... dimensions) {
    int count = 1;
    for (long dimension : dimensions) {
      count *= (int) dimension;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    entries.add(SafetensorsWriter.Entry.of(name + ".weight", Tensor.of(values, dimensions)));
  }

  /** Byte-level BPE without merges: printable bytes are themselves, the others U+0100 onwards. */
  private static String tokenizer() {
    Map<String, Integer> vocabulary = new LinkedHashMap<>();
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean itself = (b > 0x20 && b < 0x7f) || (b > 0xa0 && b != 0xad);
      vocabulary.put(Character.toString(itself ? b : next++), b);
    }
    Map<String, Object> model = Map.of("type", "BPE", "vocab", vocabulary, "merges", List.of());
    Map<String, Object> byteLevel =
        Map.of("type", "ByteLevel", "add_prefix_space", false, "trim_offsets", true);
    return new Gson()
        .toJson(
            Map.of(
                "version", "1.0",
                "added_tokens", List.of(special(256, "<s>"), special(257, "</s>")),
                "pre_tokenizer", byteLevel,
                "decoder", byteLevel,
                "model", model));
  }

  private static Map<String, Object> special(int id, String content) {
    return Map.of(
        "id",
        id,
        "content",
        content,
        "special",
        true,
        "single_word",
        false,
        "lstrip",
        false,
        "rstrip",
        false,
        "normalized",
        false);
  }
}
