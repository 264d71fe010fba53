// SPDX-License-Identifier: Apache-2.0
package io.lowbit.testing;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.testng.IDataProviderListener;
import org.testng.ITestContext;
import org.testng.ITestListener;
import org.testng.ITestNGMethod;
import org.testng.SkipException;

/**
 * Says at the end of a run why tests were skipped, and lets a data provider skip its test by {@link
 * Shared#path} as a test itself can: TestNG wraps what a provider throws and would report the skip
 * as a failure.
 */
public final class Skips implements IDataProviderListener, ITestListener {
  @Override
  public void onDataProviderFailure(
      ITestNGMethod method, ITestContext context, RuntimeException failure) {
    if (failure.getCause() instanceof SkipException skip) {
      throw skip;
    }
  }

  @Override
  public void onFinish(ITestContext context) {
    Map<String, Long> reasons =
        context.getSkippedTests().getAllResults().stream()
            .collect(
                Collectors.groupingBy(
                    result -> String.valueOf(result.getThrowable()),
                    TreeMap::new,
                    Collectors.counting()));
    reasons.forEach((reason, count) -> System.out.println("Skipped " + count + ": " + reason));
  }
}
