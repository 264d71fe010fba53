// SPDX-License-Identifier: Apache-2.0
package io.lowbit.world;

import com.google.gson.JsonArray;
import java.util.List;

/** Values of data rows. */
final class Rows {
  private Rows() {}

  static JsonArray array(List<String> values) {
    JsonArray array = new JsonArray();
    values.forEach(array::add);
    return array;
  }
}
