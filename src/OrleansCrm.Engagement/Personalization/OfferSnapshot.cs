using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Personalization;

/// <summary>What was offered, as a snapshot has it: for each offer its key, its conversions, how many showings follow, and those.</summary>
internal static class OfferSnapshot
{
    public static void Write(Utf8JsonWriter json, OfferRecord? record)
    {
        if (record is null)
            return;
        json.WriteStartArray("offers");
        foreach (var offer in record.Offers)
        {
            json.WriteNumberValue(offer.Key);
            json.WriteNumberValue(offer.Converted);
            json.WriteNumberValue(offer.Exposures.Count);
            foreach (var exposure in offer.Exposures)
            {
                json.WriteNumberValue(exposure.TimeMs);
                json.WriteNumberValue(exposure.Bucket);
                json.WriteNumberValue(exposure.IsConverted ? 1 : 0);
            }
        }

        json.WriteEndArray();
    }

    public static OfferRecord? Read(JsonElement json)
    {
        if (!json.TryGetProperty("offers", out var offers))
            return null;
        var record = new OfferRecord();
        for (var row = new SnapshotReader.Row(offers); !row.IsAtEnd;)
        {
            var offer = record.Open(row.Next().GetUInt64());
            offer.Converted = row.Long();
            for (var left = row.Long(); left > 0; left--)
                offer.Exposures.Add(new Exposure(row.Long(), (byte)row.Long(), row.Long() == 1));
        }

        return record;
    }
}
