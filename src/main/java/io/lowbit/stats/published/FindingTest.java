// SPDX-License-Identifier: Apache-2.0
package io.lowbit.stats.published;

/** A kind of test, with what it compares. */
public sealed interface FindingTest
    permits MeanTest,
        PairedTest,
        SizeTrendTest,
        BitsTrendTest,
        PerplexityTest,
        PrintedCorrelationTest,
        LargerModelTest,
        NoTest {
  /** Whether the finding holds in these observations. */
  Outcome test(Observations observations);
}
