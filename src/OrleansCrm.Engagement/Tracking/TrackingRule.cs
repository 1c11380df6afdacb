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
    /// <param name="payload">A whole event object that has been found to be JSON.</param>
    public TrackingViolation? Check(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = EventReader.DepthMax });
        reader.Read();
        var isThere = false;
        TrackingViolation? found = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            // Where it stands twice the last one counts, as it does for the fold.
            var isProperties = reader.NameIs("properties"u8);
            reader.Read();
            if (isProperties)
            {
                isThere = reader.TokenType != JsonTokenType.Null;
                var start = reader;
                found = isThere ? Properties.Check(ref reader)?.Within("properties") : null;
                if (found is not null)
                    reader = start;
            }

            reader.Skip();
        }

        if (isThere)
            return found;
        var none = new Utf8JsonReader("{}"u8);
        none.Read();
        return Properties.Check(ref none)?.Within("properties");
    }
}

/// <param name="Field">Path in the event, for instance <c>properties.products[2].price</c>.</param>
/// <param name="Detail">What is expected there.</param>
public sealed record TrackingViolation(string Field, string Detail)
{
    internal TrackingViolation Within(string name) =>
        this with { Field = Field.Length == 0 ? name : Field[0] == '[' ? name + Field : name + "." + Field };
}
