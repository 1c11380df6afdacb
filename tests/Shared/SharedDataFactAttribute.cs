using System.Globalization;

namespace OrleansCrm.TestSupport;

/// <summary>A test on a published data set that is no part of the repository: skips in words unless the variable names a folder with the file.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SharedDataFactAttribute : FactAttribute
{
    private const string Variable = "ORLEANSCRM_SHARED_DATA";

    public SharedDataFactAttribute(string file)
    {
        if (Folder is null || !File.Exists(Path.Combine(Folder, file)))
            Skip = string.Create(CultureInfo.InvariantCulture, $"{Variable} names no folder with {file}");
    }

    public static string? Folder => Environment.GetEnvironmentVariable(Variable);
}
