using System.Text;
using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Program;

/// <summary>
/// Customers of whom agents are not told that they are about to leave, so that it can be measured what telling them does. Who belongs to it
/// follows from the customer's key and the salt: another salt draws anew, and its numbers begin anew.
/// </summary>
public sealed record ControlGroup
{
    private const int SaltMax = 32;

    /// <summary>Of the customers; 0 to 0.5, 0 for no trial.</summary>
    public double Share { get; init; }

    /// <summary>At most 32 of a-z, 0-9, hyphen and underscore; names the trial in the metrics.</summary>
    public string Salt { get; init; } = "";

    /// <param name="key">Canonical key of the customer.</param>
    public bool Has(string key) => Share > 0 && EventReader.HashOf(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes("control" + Salt)) < Share * 18446744073709551616.0;

    internal static ControlGroup Read(ProgramSection section)
    {
        var group = new ControlGroup
        {
            Share = section.Number("share", 0, 0, 0.5),
            Salt = section.Text("salt", "", s => s.Length == 0 || (s.Length <= SaltMax && ProgramReader.IsDesk(s)), "at most 32 of a-z, 0-9, hyphen and underscore"),
        };
        section.RefuseOthers();
        return group;
    }

    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("controlGroup");
        json.WriteNumber("share", Share);
        json.WriteString("salt", Salt);
        json.WriteEndObject();
    }
}
