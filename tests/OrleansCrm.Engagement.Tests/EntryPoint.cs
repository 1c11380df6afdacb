using OrleansCrm.Engagement.Tests.Corpus;

namespace OrleansCrm.Engagement.Tests;

/// <summary>Prints the digests of the corpus; run by a test in a process of its own. The test runner does not come by here.</summary>
internal static class EntryPoint
{
    public static int Main()
    {
        foreach (var file in CorpusFiles.All())
            Console.WriteLine(CorpusFiles.Name(file) + " " + CorpusFiles.Digest(file));
        return 0;
    }
}
