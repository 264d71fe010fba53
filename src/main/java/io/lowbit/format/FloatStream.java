// SPDX-License-Identifier: Apache-2.0
package io.lowbit.format;

import io.lowbit.quant.QuantizedTensor;
import io.lowbit.tensor.Tensor;

/** The fp32 values of a tensor of any storage and size, piece by piece in row-major order. */
interface FloatStream {
  /** Values per piece at most: small enough to stay in the cache, a multiple of every block. */
  int PIECE = 8192;

  /**
   * Receives a piece.
   *
   * @param <E> what receiving may throw
   */
  interface Receiver<E extends Exception> {
    /**
     * Takes {@code count} values; the array is used again for the next piece.
     *
     * @param from flattened index of the first value
     */
    void accept(long from, float[] values, int count) throws E;
  }

  /** Number of values. */
  long count();

  /** Sends every value. */
  <E extends Exception> void forEach(Receiver<E> receiver) throws E;

  /** Values of a dense tensor. */
  static FloatStream of(Tensor tensor) {
    return new FloatStream() {
      @Override
      public long count() {
        return tensor.shape().elements();
      }

      @Override
      public <E extends Exception> void forEach(Receiver<E> receiver) throws E {
        float[] values = new float[(int) Math.min(PIECE, count())];
        for (long from = 0; from < count(); from += PIECE) {
          int count = (int) Math.min(PIECE, count() - from);
          tensor.read(from, values, 0, count);
          receiver.accept(from, values, count);
        }
      }
    };
  }

  /** Values of a packed matrix. */
  static FloatStream of(QuantizedTensor matrix) {
    return new FloatStream() {
      @Override
      public long count() {
        return matrix.rows() * matrix.columns();
      }

      @Override
      public <E extends Exception> void forEach(Receiver<E> receiver) throws E {
        float[] values = new float[(int) Math.min(PIECE, matrix.columns())];
        for (long row = 0; row < matrix.rows(); row++) {
          for (long column = 0; column < matrix.columns(); column += PIECE) {
            int count = (int) Math.min(PIECE, matrix.columns() - column);
            matrix.dequantize(row, Math.toIntExact(column), count, values, 0);
            receiver.accept(row * matrix.columns() + column, values, count);
          }
        }
      }
    };
  }
}
