using System.Buffers;
using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Program;

/// <summary>What a <c>program.published</c> entry carries: <c>{"tenant":"default","document":{...}}</c>.</summary>
public sealed record ProgramPublication(string Tenant, ProgramDocument Document)
{
    /// <exception cref="ProgramException">The payload is no publication, or its document has faults.</exception>
    public static ProgramPublication Parse(ReadOnlySpan<byte> payload)
    {
        var tenant = TenantOf(payload);
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
            using var parsed = JsonDocument.ParseValue(ref reader);
            if (parsed.RootElement.TryGetProperty("document", out var document))
                return new ProgramPublication(tenant, ProgramReader.Read(document));
        }
        catch (JsonException e)
        {
            throw new ProgramException([new ProgramFault("publication", "is not JSON: " + e.Message)]);
        }

        throw new ProgramException([new ProgramFault("document", "is missing")]);
    }

    public byte[] ToPayload()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Rendering.Options))
        {
            json.WriteStartObject();
            json.WriteString("tenant", Tenant);
            json.WritePropertyName("document");
            ProgramWriter.Write(json, Document);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads the tenant alone: every customer of a partition folds every publication, most of them of other tenants.</summary>
    public static string TenantOf(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = 64 });
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var isTenant = reader.ValueTextEquals("tenant"u8);
                    reader.Read();
                    if (isTenant && reader.TokenType == JsonTokenType.String)
                        return reader.GetString()!;
                    reader.Skip();
                }
            }
        }
        catch (JsonException e)
        {
            throw new ProgramException([new ProgramFault("publication", "is not JSON: " + e.Message)]);
        }

        throw new ProgramException([new ProgramFault("tenant", "is missing")]);
    }
}
