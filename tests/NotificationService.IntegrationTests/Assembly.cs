using Platform.Testing;

[assembly: AssemblyFixture(typeof(PostgresServer))]
[assembly: AssemblyFixture(typeof(RabbitMqServer))]
// Tests measure the service under faults; side by side they would measure one another.
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly)]
