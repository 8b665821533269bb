"""What happened, cell by cell: pure logic, fed by the extension."""
