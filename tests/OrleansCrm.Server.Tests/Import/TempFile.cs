using System.IO.Compression;

namespace OrleansCrm.Server.Tests.Import;

/// <summary>A file that is gone after the test.</summary>
internal sealed class TempFile : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orleanscrm-test-").FullName;

    public TempFile(byte[] content, string name = "history", bool compress = false)
    {
        Path = System.IO.Path.Combine(_directory, name);
        using Stream file = File.Create(Path);
        using var output = compress ? new GZipStream(file, CompressionLevel.Fastest) : file;
        output.Write(content);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
