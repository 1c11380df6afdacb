namespace OrleansCrm.Grains.Tests.Support;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orleanscrm-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
