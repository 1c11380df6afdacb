using System.Buffers;
using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Identity;

/// <summary>The payload of <c>identity.merge</c>, an administrator's command to the customer who survives.</summary>
public static class MergeCommand
{
    /// <param name="of">Who is merged into that customer, with the kind: <c>user:id</c>.</param>
    /// <param name="by">The administrator, or the key.</param>
    public static byte[] ToPayload(string of, string by)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Rendering.Options))
        {
            json.WriteStartObject();
            json.WriteString("from", by);
            json.WriteString("of", of);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
