// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import io.lowbit.format.Checkpoint.TensorInfo;
import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.Shape;
import io.lowbit.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Opening checkpoints of any format, and questions that are the same for all of them. */
public final class Checkpoints {
  private Checkpoints() {}

  /**
   * Opens a checkpoint, told apart by content: a {@code .safetensors} or {@code .gguf} file, an
   * index of shards, or a folder that holds one of them.
   *
   * @throws FormatException if there is nothing to read, or it is not what it should be
   */
  public static Checkpoint open(Path folderOrFile) {
    if (!Files.exists(folderOrFile)) {
      throw new FormatException(
          "%s: there is no such folder or file; give a model folder, a .safetensors or a .gguf file"
              .formatted(folderOrFile));
    }
    Path file = Files.isDirectory(folderOrFile) ? mainFile(folderOrFile) : folderOrFile;
    return switch (FileKind.of(file)) {
      case SAFETENSORS -> SafetensorsReader.open(folderOrFile, file);
      case INDEX -> SafetensorsReader.openSharded(folderOrFile, file);
      case GGUF -> GgufReader.open(folderOrFile, file);
    };
  }

  /** The file to open in a folder, by the precedence that Hugging Face's own loader has. */
  private static Path mainFile(Path folder) {
    for (String name : List.of("model.safetensors", "model.safetensors.index.json")) {
      if (Files.exists(folder.resolve(name))) {
        return folder.resolve(name);
      }
    }
    List<Path> files = list(folder);
    List<Path> candidates = files.stream().filter(Checkpoints::mayBeOpened).toList();
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    if (candidates.size() > 1) {
      throw new FormatException(
          "%s: holds several checkpoints (%s) and no model.safetensors or index; name one of them"
              .formatted(folder, names(candidates)));
    }
    List<Path> pickles =
        files.stream().filter(f -> f.toString().matches("(?s).*\\.(bin|pt|pth)")).toList();
    if (!pickles.isEmpty()) {
      throw new FormatException(
          "%s: holds only PyTorch files (%s), which are not read; convert them to safetensors"
              .formatted(folder, names(pickles)));
    }
    throw new FormatException(
        "%s: holds no checkpoint; expected model.safetensors, model.safetensors.index.json or a .gguf file"
            .formatted(folder));
  }

  private static boolean mayBeOpened(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".safetensors")
        || name.endsWith(".safetensors.index.json")
        || (name.endsWith(".gguf") && !GgufSplit.isLaterPart(name));
  }

  private static String names(List<Path> files) {
    String some =
        String.join(
            ", ",
            files.stream().limit(5).map(f -> Quoted.text(f.getFileName().toString())).toList());
    return files.size() > 5 ? some + " and %,d more".formatted(files.size() - 5) : some;
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new FormatException("%s: cannot be listed: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /**
   * The tensors whose whole name matches a pattern, in file order.
   *
   * @param glob {@code *} stands for any text, {@code ?} for one character, all else for itself
   */
  public static List<TensorInfo> matching(Checkpoint checkpoint, String glob) {
    StringBuilder regex = new StringBuilder();
    glob.codePoints()
        .mapToObj(c ->
            switch (c) {
              case '*' -> ".*";
              case '?' -> ".";
              default -> Pattern.quote(Character.toString(c));
            })
        .forEach(regex::append);
    Pattern pattern = Pattern.compile(regex.toString(), Pattern.DOTALL);
    return checkpoint.tensors().stream()
        .filter(info -> pattern.matcher(info.name()).matches())
        .toList();
  }

  /**
   * Refuses weights that are no numbers.
   *
   * @param name what to call the tensor in the message, with its file
   * @throws FormatException naming the first element, in row-major order, that is NaN or infinite
   *     as fp32
   */
  public static void requireFinite(String name, Tensor tensor) {
    if (tensor.type().isFloat()) {
      requireFinite(name, tensor.shape(), FloatStream.of(tensor));
    }
  }

  /**
   * Refuses packed weights that are no numbers once dequantized, as {@link #requireFinite(String,
   * Tensor)} does.
   */
  public static void requireFinite(String name, QuantizedTensor matrix) {
    requireFinite(name, Shape.of(matrix.rows(), matrix.columns()), FloatStream.of(matrix));
  }

  private static void requireFinite(String name, Shape shape, FloatStream values) {
    values.forEach((from, piece, count) -> {
      if (!allFinite(piece, count)) {
        int bad = 0;
        while (Float.isFinite(piece[bad])) {
          bad++;
        }
        throw new FormatException(
            "%s: element %s is %s; the weights are damaged or come from a training run that diverged"
                .formatted(name, Arrays.toString(position(shape, from + bad)), piece[bad]));
      }
    });
  }

  /** An exponent of all ones carries into the sign bit; so no branch per element is needed. */
  private static boolean allFinite(float[] values, int count) {
    int bad = 0;
    for (int i = 0; i < count; i++) {
      bad |= (Float.floatToRawIntBits(values[i]) & 0x7F80_0000) + 0x0080_0000;
    }
    return bad >= 0;
  }

  private static long[] position(Shape shape, long index) {
    long[] position = shape.dimensions();
    for (int i = position.length - 1; i >= 0; i--) {
      position[i] = index % shape.dimension(i);
      index /= shape.dimension(i);
    }
    return position;
  }
}
