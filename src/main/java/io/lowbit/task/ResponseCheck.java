// SPDX-License-Identifier: Apache-2.0
package io.lowbit.task;

import java.util.List;

/** What must be true of answers before they are scored. */
final class ResponseCheck {
  private ResponseCheck() {}

  /** The same answers, one per request and all of them numbers. */
  static List<Response> all(TaskItem item, List<Response> responses) {
    if (responses.size() != item.requests().size()) {
      throw new IllegalArgumentException(
          "item "
              + item.id()
              + " has "
              + item.requests().size()
              + " requests, but "
              + responses.size()
              + " answers came");
    }
    for (int i = 0; i < responses.size(); i++) {
      if (Double.isNaN(responses.get(i).logLikelihood())) {
        throw new IllegalArgumentException(
            "item "
                + item.id()
                + ", request "
                + i
                + ": the log-likelihood is not a number; the model's weights or activations"
                + " overflowed, so try a wider base type");
      }
    }
    return responses;
  }
}
