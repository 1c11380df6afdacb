namespace OrleansCrm.Engagement.Program;

/// <summary>The JSON schema of program documents, for editors and for whoever writes one. What publishing checks goes further.</summary>
public static class ProgramSchema
{
    /// <summary>UTF-8 JSON.</summary>
    public static byte[] Json { get; } = Read();

    private static byte[] Read()
    {
        using var resource = typeof(ProgramSchema).Assembly.GetManifestResourceStream("program.schema.json")
            ?? throw new InvalidOperationException("The assembly was built without its schema.");
        var json = new byte[resource.Length];
        resource.ReadExactly(json);
        return json;
    }
}
