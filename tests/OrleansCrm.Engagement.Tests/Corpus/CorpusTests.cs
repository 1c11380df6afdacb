using System.Diagnostics;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Tests.Corpus;

/// <summary>
/// Holds what journals mean. <c>digests.txt</c> has one line per file and fold version; a change of meaning needs a new
/// <see cref="CustomerFold.Version"/> and new lines, never a changed one.
/// </summary>
public sealed class CorpusTests
{
    [Fact]
    public void Corpus_means_what_it_meant_when_this_fold_version_was_made()
    {
        var known = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Corpus", "digests.txt"));
        Assert.NotEmpty(CorpusFiles.All());
        foreach (var file in CorpusFiles.All())
        {
            var line = $"{CustomerFold.Version} {CorpusFiles.Name(file)} {CorpusFiles.Digest(file)}";
            Assert.True(known.Contains(line), $"The meaning of this journal changed. With a new CustomerFold.Version, add: {line}");
        }
    }

    [Theory]
    [InlineData("DOTNET_EnableAVX2=0", "DOTNET_EnableFMA=0", "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2")]
    [InlineData("DOTNET_EnableHWIntrinsic=0", "GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2,-AVX,-SSE4_2")]
    [InlineData("DOTNET_TieredPGO=0", "DOTNET_TieredCompilation=0")]
    public async Task Another_kind_of_processor_folds_to_the_same_digests(params string[] environment)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", typeof(CorpusTests).Assembly.Location },
            RedirectStandardOutput = true,
        };
        foreach (var variable in environment)
        {
            var parts = variable.Split('=', 2);
            start.Environment[parts[0]] = parts[1];
        }

        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.NotEmpty(output);
        Assert.Equal(
            CorpusFiles.All().Select(file => CorpusFiles.Name(file) + " " + CorpusFiles.Digest(file)),
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
    }
}
