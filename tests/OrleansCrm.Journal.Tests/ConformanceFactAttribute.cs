using OrleansCrm.TestSupport;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace OrleansCrm.Journal.Tests;

/// <summary>
/// A test that classes for several databases inherit. Where the class says that it needs one which is not installed, it is skipped and says
/// so.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("OrleansCrm.Journal.Tests." + nameof(ConformanceFactDiscoverer), "OrleansCrm.Journal.Tests")]
internal sealed class ConformanceFactAttribute : FactAttribute;

internal sealed class ConformanceFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) => new ConformanceTestCase(
        DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

internal sealed class ConformanceTestCase : XunitTestCase
{
    [Obsolete("For the runner, which makes it from what it has written down.")]
    public ConformanceTestCase()
    {
    }

    public ConformanceTestCase(IMessageSink diagnostics, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(diagnostics, display, options, method)
    {
    }

    protected override string GetSkipReason(IAttributeInfo factAttribute) => TestMethod.TestClass.Class
        .GetCustomAttributes(typeof(TraitAttribute))
        .Select(trait => trait.GetConstructorArguments().ToArray())
        .Where(trait => trait is ["Needs", string])
        .Select(trait => new NeedsFactAttribute((string)trait[1]).Skip)
        .FirstOrDefault(skip => skip is not null) ?? base.GetSkipReason(factAttribute);
}
