using System.Diagnostics;
using Xunit.Abstractions;

namespace OrleansCrm.Breaking.Tests;

/// <summary>What a run says, in the test's output and, while it still runs, in a file beside the assembly.</summary>
internal sealed class RunLog(string name, ITestOutputHelper output) : IDisposable
{
    private readonly StreamWriter _file = new(Path.Combine(AppContext.BaseDirectory, $"kills-{name}.log")) { AutoFlush = true };
    private readonly long _begun = Stopwatch.GetTimestamp();

    public void Say(string what)
    {
        var line = $"{Stopwatch.GetElapsedTime(_begun):hh\\:mm\\:ss} {what}";
        _file.WriteLine(line);
        output.WriteLine(line);
    }

    public void Dispose() => _file.Dispose();
}
