// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import io.lowbit.quant.GgufType;
import io.lowbit.tensor.DType;
import io.lowbit.tensor.Shape;
import java.lang.foreign.MemorySegment;

/**
 * A tensor inside a mapped file.
 *
 * @param name name in the file
 * @param storage how its values are written
 * @param shape logical shape, outermost first
 * @param data its bytes, a slice of the mapping
 */
record StoredTensor(String name, Storage storage, Shape shape, MemorySegment data) {
  /** How values are written. */
  sealed interface Storage {
    /** The format's name of it. */
    String type();

    /** Values per unit that is stored as a whole. */
    int blockSize();

    /** Bytes per such unit. */
    int blockBytes();

    /** Bytes of a tensor whose rows are whole blocks. */
    default long bytes(Shape shape) {
      return Math.multiplyExact(shape.elements() / blockSize(), (long) blockBytes());
    }
  }

  /** One number after the other. */
  record Dense(DType element) implements Storage {
    @Override
    public String type() {
      return element.name();
    }

    @Override
    public int blockSize() {
      return 1;
    }

    @Override
    public int blockBytes() {
      return element.bytes();
    }
  }

  /** Blocks of a GGUF format. */
  record Packed(GgufType format) implements Storage {
    @Override
    public String type() {
      return format.name();
    }

    @Override
    public int blockSize() {
      return format.blockSize();
    }

    @Override
    public int blockBytes() {
      return format.blockBytes();
    }
  }

  Checkpoint.TensorInfo info() {
    return new Checkpoint.TensorInfo(name, storage.type(), shape, data.byteSize());
  }
}
