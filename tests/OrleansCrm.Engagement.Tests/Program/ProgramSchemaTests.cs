using System.Text.Json;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Tests.Program;

/// <summary>The published schema and the reader say the same, field by field.</summary>
public sealed class ProgramSchemaTests
{
    private static readonly JsonElement Schema = JsonDocument.Parse(ProgramSchema.Json).RootElement;

    [Fact]
    public void Schema_names_every_field_of_a_document_and_no_other()
    {
        var document = JsonDocument.Parse(ProgramDocument.Default.ToJson()).RootElement;

        Compare(Schema, document, "");
    }

    [Fact]
    public void Every_number_is_refused_beyond_the_bounds_of_the_schema_and_taken_within()
    {
        foreach (var (path, schema) in Numbers(Schema, []))
        {
            var (minimum, maximum) = (schema.GetProperty("minimum").GetDecimal(), schema.GetProperty("maximum").GetDecimal());

            // A pair of neighbours may have to rise: only the field itself is asked for.
            Assert.DoesNotContain(FaultsOf(path, minimum), field => field == string.Join('.', path));
            Assert.DoesNotContain(FaultsOf(path, maximum), field => field == string.Join('.', path));
            Assert.Contains(FaultsOf(path, minimum - 1), field => field == string.Join('.', path));
            Assert.Contains(FaultsOf(path, maximum + 1), field => field == string.Join('.', path));
        }
    }

    [Fact]
    public void Every_model_has_the_fields_and_bounds_of_its_own_schema()
    {
        var names = new List<string>();
        foreach (var alternative in Resolve(Schema.GetProperty("properties").GetProperty("churn").GetProperty("properties").GetProperty("model")).GetProperty("oneOf").EnumerateArray())
        {
            var schema = Resolve(alternative);
            foreach (var name in schema.GetProperty("properties").GetProperty("name").GetProperty("enum").EnumerateArray().Select(n => n.GetString()!))
            {
                names.Add(name);
                var written = JsonDocument.Parse(ProgramDocument.Parse(ModelOf(name)).ToJson()).RootElement.GetProperty("churn").GetProperty("model");
                Compare(schema, written, name);
                foreach (var (path, number) in Numbers(schema, []))
                {
                    var (minimum, maximum) = (number.GetProperty("minimum").GetDecimal(), number.GetProperty("maximum").GetDecimal());
                    ProgramDocument.Parse(ModelOf(name, path[0], minimum));
                    ProgramDocument.Parse(ModelOf(name, path[0], maximum));
                    Assert.Throws<ProgramException>(() => ProgramDocument.Parse(ModelOf(name, path[0], minimum / 2)));
                    Assert.Throws<ProgramException>(() => ProgramDocument.Parse(ModelOf(name, path[0], maximum * 2)));
                }
            }
        }

        Assert.Equal(["mbg-nbd", "bg-nbd", "pareto-nbd", "nbd"], names);
        Assert.Throws<ProgramException>(() => ProgramDocument.Parse(ModelOf("nbd", "a", 1)));
    }

    private static byte[] ModelOf(string name, string? field = null, decimal value = 0) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        churn = new { model = field is null ? new Dictionary<string, object> { ["name"] = name } : new Dictionary<string, object> { ["name"] = name, [field] = value } },
    });

    private static void Compare(JsonElement schema, JsonElement document, string path)
    {
        schema = Resolve(schema);
        if (document.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties", out var properties))
            return;
        Assert.False(schema.GetProperty("additionalProperties").GetBoolean(), path);
        Assert.Equal(
            document.EnumerateObject().Select(p => path + "." + p.Name).Order(StringComparer.Ordinal),
            properties.EnumerateObject().Select(p => path + "." + p.Name).Order(StringComparer.Ordinal));
        foreach (var property in document.EnumerateObject())
            Compare(properties.GetProperty(property.Name), property.Value, path + "." + property.Name);
    }

    private static IEnumerable<(string[] Path, JsonElement Schema)> Numbers(JsonElement schema, string[] path)
    {
        schema = Resolve(schema);
        if (schema.TryGetProperty("minimum", out _) && schema.TryGetProperty("maximum", out _))
            return [(path, schema)];
        return schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().SelectMany(p => Numbers(p.Value, [.. path, p.Name]))
            : [];
    }

    private static JsonElement Resolve(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? Schema.GetProperty("$defs").GetProperty(reference.GetString()!["#/$defs/".Length..])
        : schema;

    private static string[] FaultsOf(string[] path, decimal value)
    {
        var json = value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        foreach (var name in path.Reverse())
            json = $"{{\"{name}\":{json}}}";
        try
        {
            ProgramDocument.Parse(System.Text.Encoding.UTF8.GetBytes(json));
            return [];
        }
        catch (ProgramException refused)
        {
            return [.. refused.Faults.Select(f => f.Field)];
        }
    }
}
