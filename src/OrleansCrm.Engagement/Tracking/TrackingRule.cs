using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Tracking;

/// <summary>What the properties of events of one name are to look like.</summary>
/// <param name="Schema">The JSON schema as it was published.</param>
public sealed record TrackingRule(string Event, TrackingMode Mode, string Schema)
{
    internal Shape Properties { get; init; } = Shape.Anything;

    internal byte[] Name { get; } = Encoding.UTF8.GetBytes(Event);

    /// <summary>The first place at which the event does not fit, or null.</summary>
    /// <param name="properties">The event's properties, which have been found to be JSON; empty where it has none.</param>
    public TrackingViolation? Check(ReadOnlySpan<byte> properties)
    {
        var reader = new Utf8JsonReader(properties.IsEmpty ? "{}"u8 : properties, new JsonReaderOptions { MaxDepth = EventReader.DepthMax });
        reader.Read();
        return Properties.Check(ref reader)?.Within("properties");
    }
}

/// <param name="Field">Path in the event, for instance <c>properties.products[2].price</c>.</param>
/// <param name="Detail">What is expected there.</param>
public sealed record TrackingViolation(string Field, string Detail)
{
    internal TrackingViolation Within(string name) =>
        this with { Field = Field.Length == 0 ? name : Field[0] == '[' ? name + Field : name + "." + Field };
}
