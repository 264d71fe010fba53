// SPDX-License-Identifier: Apache-2.0
package io.lowbit.cli;

import io.lowbit.model.EmbeddedModels;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;

/** A path, or the name of an embedded model, which stands for the path it is unpacked to. */
final class ModelPath implements ITypeConverter<Path> {
  @Override
  public Path convert(String value) {
    return EmbeddedModels.resolve(value);
  }
}
