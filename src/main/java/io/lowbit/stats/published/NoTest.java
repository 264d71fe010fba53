// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

/**
 * A finding that figures and records say nothing about.
 *
 * @param reason what a test would need
 */
record NoTest(String reason) implements FindingTest {
  @Override
  public Outcome test(Observations observations) {
    return Outcome.notTested(reason);
  }
}
