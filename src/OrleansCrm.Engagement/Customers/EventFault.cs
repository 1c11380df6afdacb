namespace OrleansCrm.Engagement.Customers;

/// <summary>Why an event cannot be taken.</summary>
/// <param name="Code">Stable, for instance <c>missing_order_id</c>.</param>
/// <param name="Field">Path in the event, for instance <c>properties.order_id</c>.</param>
/// <param name="Detail">For people.</param>
public sealed record EventFault(string Code, string Field, string Detail);
