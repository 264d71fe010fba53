// SPDX-License-Identifier: Apache-2.0
package io.lowbit.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SplittableRandom;

/**
 * A results folder as large as a lab's, written line by line: models × schemes × tasks × items. The
 * last task is a text, the others have four choices. Its lines are as long as real ones.
 *
 * @param models number of models
 * @param schemes number of schemes, the first one unquantized
 * @param tasks number of tasks
 * @param items number of items of each task
 */
record LargeStudy(int models, int schemes, int tasks, int items) {
  private static final String CHOICE =
      """
      [{"name":"acc","aggregation":"MEAN","higherIsBetter":true,"chance":0.25},\
      {"name":"acc_norm","aggregation":"MEAN","higherIsBetter":true,"chance":0.25}]\
      """;

  private static final String TEXT =
      """
      [{"name":"perplexity","aggregation":"TOKEN_PERPLEXITY","higherIsBetter":false,"chance":null}]\
      """;

  long records() {
    return (long) models * schemes * tasks * items;
  }

  /** Writes a file per model, scheme and task. */
  void write(Path folder) throws IOException {
    for (int model = 0; model < models; model++) {
      for (int scheme = 0; scheme < schemes; scheme++) {
        Path files = folder.resolve("records/model-%d/%s".formatted(model, name(scheme)));
        Files.createDirectories(files);
        for (int task = 0; task < tasks; task++) {
          try (BufferedWriter out = Files.newBufferedWriter(files.resolve(task + ".jsonl"))) {
            write(out, model, scheme, task);
          }
        }
      }
    }
  }

  private static String name(int scheme) {
    return scheme == 0 ? "fp16" : "w%dg128".formatted(bits(scheme)) + "-v" + scheme;
  }

  private static String definition(int scheme) {
    return scheme == 0
        ? "{\"base\":\"fp16\"}"
        : """
        {"activations":null,"base":"fp16","cache":null,"stored":false,"weights":\
        {"arithmetic":"exact","bits":%d,"format":"integer","groupSize":128,"method":"rtn",\
        "scaleType":"fp16","symmetric":false}}\
        """
            .formatted(bits(scheme));
  }

  private static int bits(int scheme) {
    return 8 - scheme / 2;
  }

  private void write(BufferedWriter out, int model, int scheme, int task) throws IOException {
    boolean isText = task == tasks - 1;
    String json = definition(scheme);
    String head =
        "\"model\":\"model-%d\",\"modelSha256\":\"%064x\",\"modelParameters\":%d"
                .formatted(model, model, 1_000_000_000L * (model + 1))
            + ",\"scheme\":\"%s\",\"schemeJson\":\"%s\",\"base\":\"F16\""
                .formatted(name(scheme), json.replace("\"", "\\\""))
            + ",\"weightBits\":%d.25,\"modelBits\":%d.5,\"execution\":\"real\",\"backend\":\"cuda\""
                .formatted(scheme == 0 ? 15 : bits(scheme), scheme == 0 ? 15 : bits(scheme))
            + ",\"task\":\"task-%d\",\"taskVersion\":1,\"taskType\":\"%s\",\"protocol\":\"%s\""
                .formatted(
                    task,
                    isText ? "perplexity" : task % 2 == 0 ? "basic" : "emergent",
                    isText ? "gptq-2048, no BOS" : "lm-eval, 0-shot; BOS as the tokenizer does")
            + ",\"dataSha256\":\"%064x\"".formatted(task);
    SplittableRandom own = new SplittableRandom(((long) model * schemes + scheme) * tasks + task);
    double skill = 0.2 + 0.1 * model - (scheme == 0 ? 0 : 0.15 * Math.pow(1.6, 6 - bits(scheme)));
    for (int item = 0; item < items; item++) {
      out.write("{\"schema\":1,\"key\":\"");
      out.write(key(own));
      out.write("\",");
      out.write(head);
      out.write(",\"item\":\"%d\",\"cluster\":\"\",\"metrics\":".formatted(item));
      out.write(isText ? TEXT : CHOICE);
      out.write(isText ? nats(own, skill, item) : answer(own, skill, task, item));
      out.write("}\n");
    }
  }

  private static String key(SplittableRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  private static String nats(SplittableRandom own, double skill, int item) {
    double nats = 2048 * (3 - 0.3 * skill + 0.002 * (item % 97) + 0.01 * own.nextDouble());
    return ",\"values\":{\"nll\":"
        + nats
        + ",\"tokens\":2048.0},\"logLikelihoods\":[]"
        + ",\"prediction\":\"\",\"target\":\"\"";
  }

  private static String answer(SplittableRandom own, double skill, int task, int item) {
    double difficulty = new SplittableRandom(1000L * task + item).nextDouble(-2, 2);
    int right = item % 4;
    int chosen =
        skill + own.nextDouble(-0.3, 0.3) > difficulty ? right : (right + 1 + item % 3) % 4;
    StringBuilder text = new StringBuilder(",\"values\":{\"acc\":");
    text.append(chosen == right ? "1.0" : "0.0").append(",\"acc_norm\":");
    text.append(own.nextInt(8) > 0 == (chosen == right) ? "1.0" : "0.0");
    text.append("},\"logLikelihoods\":[");
    for (int choice = 0; choice < 4; choice++) {
      double likelihood = own.nextDouble(-20, -10) + (choice == chosen ? 10 : 0);
      text.append(choice == 0 ? "" : ",").append(likelihood);
    }
    text.append("],\"prediction\":\"option ").append(chosen).append(" of item ").append(item);
    text.append(" in words\",\"target\":\"option ").append(right).append(" of item ").append(item);
    return text.append(" in words\"").toString();
  }
}
