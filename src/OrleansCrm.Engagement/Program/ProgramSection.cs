using System.Text.Json;

namespace OrleansCrm.Engagement.Program;

/// <summary>One JSON object of the document while it is read: takes fields one by one, and at the end names those nobody asked for.</summary>
internal sealed class ProgramSection
{
    private readonly JsonElement _json;
    private readonly string _path;
    private readonly List<ProgramFault> _faults;
    private readonly List<string> _known = [];

    /// <param name="mayBeText">Whether a text may stand in place of the object; see <see cref="PlainText"/>.</param>
    public ProgramSection(JsonElement json, string path, List<ProgramFault> faults, bool mayBeText = false)
    {
        _json = json;
        _path = path;
        _faults = faults;
        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined) && !(mayBeText && json.ValueKind == JsonValueKind.String))
            Fault("", "must be an object");
    }

    public ProgramSection Section(string name) =>
        new(Find(name), Path(name), _faults);

    /// <summary>What stands there, to be read elsewhere, and its path.</summary>
    public (JsonElement Json, string Path) Raw(string name) => (Find(name), Path(name));

    public bool Has(string name) => Find(name).ValueKind != JsonValueKind.Undefined;

    public long Integer(string name, long otherwise, long min, long max)
    {
        var found = Find(name);
        if (found.ValueKind == JsonValueKind.Undefined)
            return otherwise;
        if (found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out var value) && value >= min && value <= max)
            return value;
        Fault(name, FormattableString.Invariant($"must be a whole number from {min} to {max}"));
        return otherwise;
    }

    public double Number(string name, double otherwise, double min, double max)
    {
        var found = Find(name);
        if (found.ValueKind == JsonValueKind.Undefined)
            return otherwise;
        if (found.ValueKind == JsonValueKind.Number && found.TryGetDouble(out var value) && value >= min && value <= max)
            return value;
        Fault(name, FormattableString.Invariant($"must be a number from {min} to {max}"));
        return otherwise;
    }

    /// <summary>A decimal number as millionths.</summary>
    public long Micros(string name, long otherwise, decimal min, decimal max)
    {
        var found = Find(name);
        if (found.ValueKind == JsonValueKind.Undefined)
            return otherwise;
        if (found.ValueKind == JsonValueKind.Number && found.TryGetDecimal(out var value) && value >= min && value <= max)
            return (long)decimal.Round(value * 1_000_000m);
        Fault(name, FormattableString.Invariant($"must be a number from {min} to {max}"));
        return otherwise;
    }

    /// <summary>The same, null where it says so or nothing.</summary>
    public long? MicrosOrNull(string name, decimal min, decimal max) =>
        Find(name).ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? null : Micros(name, 0, min, max);

    public bool Flag(string name, bool otherwise)
    {
        var found = Find(name);
        if (found.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return found.ValueKind == JsonValueKind.True;
        if (found.ValueKind != JsonValueKind.Undefined)
            Fault(name, "must be true or false");
        return otherwise;
    }

    public string Text(string name, string otherwise, Func<string, bool> isValid, string expected)
    {
        var found = Find(name);
        if (found.ValueKind == JsonValueKind.Undefined)
            return otherwise;
        if (found.ValueKind == JsonValueKind.String && isValid(found.GetString()!))
            return found.GetString()!;
        Fault(name, "must be " + expected);
        return otherwise;
    }

    /// <summary>The items of a list, texts or objects, each as a section of its own; null where there is none, or a fault.</summary>
    public ProgramSection[]? List(string name, int countMax)
    {
        var found = Find(name);
        if (found.ValueKind == JsonValueKind.Undefined)
            return null;
        if (found.ValueKind == JsonValueKind.Array && found.GetArrayLength() <= countMax)
            return [.. found.EnumerateArray().Select((item, i) => new ProgramSection(item, FormattableString.Invariant($"{Path(name)}[{i}]"), _faults, mayBeText: true))];
        Fault(name, FormattableString.Invariant($"must be a list of at most {countMax}"));
        return null;
    }

    /// <summary>A list of texts; empty where there is none, or a fault.</summary>
    public string[] Words(string name, int countMax, Func<string, bool> isValid, string expected)
    {
        var words = (List(name, countMax) ?? []).Select(word => word.PlainText ?? "").ToArray();
        if (words.All(isValid))
            return words;
        Fault(name, "must be a list of " + expected);
        return [];
    }

    /// <summary>The text that stands in place of an object, or null.</summary>
    public string? PlainText => _json.ValueKind == JsonValueKind.String ? _json.GetString() : null;

    /// <summary>The names in this object, each taken as known.</summary>
    public string[] Names()
    {
        var names = _json.ValueKind == JsonValueKind.Object ? _json.EnumerateObject().Select(p => p.Name).ToArray() : [];
        _known.AddRange(names);
        return names;
    }

    public void Fault(string name, string detail) => _faults.Add(new ProgramFault(Path(name), detail));

    /// <summary>To be called last: whatever was not asked for is a fault, most likely a slip of the pen.</summary>
    public void RefuseOthers()
    {
        if (_json.ValueKind != JsonValueKind.Object)
            return;
        foreach (var property in _json.EnumerateObject())
        {
            if (!_known.Contains(property.Name, StringComparer.Ordinal))
                Fault(property.Name, "is unknown");
        }
    }

    private JsonElement Find(string name)
    {
        _known.Add(name);
        return _json.ValueKind == JsonValueKind.Object && _json.TryGetProperty(name, out var found) ? found : default;
    }

    private string Path(string name) => _path.Length == 0 ? name : name.Length == 0 ? _path : _path + "." + name;
}
