namespace OrleansCrm.TestSupport;

/// <summary>A test that needs a program of the machine. Without it the test is skipped and says so; it is never green in silence.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NeedsFactAttribute : FactAttribute
{
    /// <param name="program"><c>npm</c>, <c>chromium</c> or <c>postgres</c>; the test carries the trait <c>Needs</c> with the same word.</param>
    public NeedsFactAttribute(string program)
    {
        if (Find(program) is null)
            Skip = Without(program);
    }

    /// <summary>Why a test that needs the program is skipped.</summary>
    public static string Without(string program) => $"Needs {program}, which is not installed: ./test.sh --install";

    /// <summary>Where the program is, or null.</summary>
    public static string? Find(string program) => program switch
    {
        "chromium" => File.Exists("/usr/bin/chromium") ? "/usr/bin/chromium" : null,
        "postgres" => Directory.Exists("/usr/lib/postgresql")
            ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin", "postgres")).Where(File.Exists).Max()
            : null,
        _ => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, program)).FirstOrDefault(File.Exists),
    };
}
